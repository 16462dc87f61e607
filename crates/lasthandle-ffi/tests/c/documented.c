/* What Microsoft's documentation shows of each kind of object, as programs take it over: with the macros and types that it
 * uses beside the calls. */
#include <stdio.h>
#include <tchar.h>
#include <windows.h>

#define READERS 4
#define PLACES 2
#define WORKERS 3
#define SECOND ((__int64)10000000)
#define PLACE_IN_FILE 138240

static HANDLE written, ended[READERS], places;
static CRITICAL_SECTION guard;
static volatile LONG readers_done;
static int inside, most_inside;

static DWORD WINAPI reader(LPVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    if (WaitForSingleObject(written, INFINITE) == WAIT_OBJECT_0)
        InterlockedIncrement(&readers_done);
    return 1;
}

/* A writer lets all readers go by one manual-reset event, and waits until every one has ended. */
static void events(void)
{
    DWORD id, index, code = 0;
    written = CreateEvent(NULL, TRUE, FALSE, TEXT("WriteEvent"));
    for (index = 0; index < READERS; index++)
        ended[index] = CreateThread(NULL, 0, reader, NULL, 0, &id);
    SetEvent(written);
    if (WaitForMultipleObjects(READERS, ended, TRUE, INFINITE) != WAIT_OBJECT_0)
        ExitProcess(GetLastError());
    GetExitCodeThread(ended[0], &code);
    _tprintf(TEXT("events: %d readers, code %u\n"), (int)readers_done, (unsigned)code);
    for (index = 0; index < READERS; index++)
        CloseHandle(ended[index]);
    CloseHandle(written);
}

static DWORD WINAPI worker(LPVOID parameter)
{
    UNREFERENCED_PARAMETER(parameter);
    while (WaitForSingleObject(places, 0L) == WAIT_TIMEOUT)
        Sleep(1);
    EnterCriticalSection(&guard);
    most_inside = ++inside > most_inside ? inside : most_inside;
    LeaveCriticalSection(&guard);
    Sleep(5);
    EnterCriticalSection(&guard);
    inside--;
    LeaveCriticalSection(&guard);
    return ReleaseSemaphore(places, 1, NULL) ? 0 : GetLastError();
}

/* No more workers at a time than a semaphore has places. */
static void semaphores(void)
{
    HANDLE workers[WORKERS];
    DWORD id;
    InitializeCriticalSection(&guard);
    places = CreateSemaphore(NULL, PLACES, PLACES, NULL);
    for (size_t index = 0; index < ARRAYSIZE(workers); index++)
        workers[index] = CreateThread(NULL, 0, (LPTHREAD_START_ROUTINE)worker, NULL, 0, &id);
    WaitForMultipleObjects(WORKERS, workers, TRUE, INFINITE);
    _tprintf(TEXT("semaphores: %d left, too many inside: %d\n"), inside, most_inside > PLACES);
    for (size_t index = 0; index < ARRAYSIZE(workers); index++)
        CloseHandle(workers[index]);
    CloseHandle(places);
    DeleteCriticalSection(&guard);
}

typedef struct _DATA {
    LPCTSTR text;
    DWORD value;
    ULARGE_INTEGER due;
} DATA;

static VOID CALLBACK due(LPVOID argument, DWORD low, DWORD high)
{
    DATA *data = (DATA *)argument;
    data->due.LowPart = low;
    data->due.HighPart = high;
    _tprintf(TEXT("%s: %d\n"), data->text, (int)data->value);
    MessageBeep(0);
}

/* A periodic timer calls a routine, with a due time that is cut into two halves. */
static void timers(void)
{
    HANDLE timer = CreateWaitableTimer(NULL, FALSE, TEXT("MyTimer"));
    DATA data = {TEXT("timer"), 100, {{0, 0}}};
    __int64 when = -SECOND / 50;
    LARGE_INTEGER halves;
    halves.LowPart = (DWORD)(when & MAXDWORD);
    halves.HighPart = (LONG)(when >> 32);
    if (SetWaitableTimer(timer, &halves, 20, due, &data, FALSE))
        for (; data.value < 300; data.value += 100)
            SleepEx(INFINITE, TRUE);
    _tprintf(TEXT("due after 2000: %d\n"), data.due.QuadPart > 125911584000000000ull);
    CloseHandle(timer);
}

/* A view cannot begin anywhere in a file, so the program looks for its data behind the view's beginning. */
static void part_of_a_file(void)
{
    TCHAR folder[MAX_PATH], path[MAX_PATH];
    SYSTEM_INFO system;
    DWORD start, written_bytes, length, index;
    HANDLE file, mapping;
    LPVOID view;
    GetTempPath(MAX_PATH, folder);
    GetTempFileName(folder, TEXT("doc"), 0, path);
    file = CreateFile(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    GetSystemInfo(&system);
    start = PLACE_IN_FILE / system.dwAllocationGranularity * system.dwAllocationGranularity;
    length = PLACE_IN_FILE % system.dwAllocationGranularity + 1024;
    for (index = 0; index < system.dwAllocationGranularity; index++)
        WriteFile(file, &index, sizeof index, &written_bytes, NULL);
    mapping = CreateFileMapping(file, NULL, PAGE_READWRITE, 0, PLACE_IN_FILE + 1024, NULL);
    view = MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, start, length);
    _tprintf(TEXT("view: at %u of %u, %d at its place\n"), (unsigned)start, (unsigned)GetFileSize(file, NULL),
             *(int *)((char *)view + PLACE_IN_FILE % system.dwAllocationGranularity));
    UnmapViewOfFile(view);
    CloseHandle(mapping);
    CloseHandle(file);
    DeleteFile(path);
}

int main(void)
{
    events();
    semaphores();
    timers();
    part_of_a_file();
    _tprintf(TEXT("halves: %x %x %x\n"), (unsigned)LOWORD(0x12345678), (unsigned)HIWORD(0x12345678),
             (unsigned)MAKELONG(0x5678, 0x1234));
    ExitProcess(0);
}
