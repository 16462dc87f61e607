/* The rules of Windows' objects as the calls of C see them: what each refuses, in which order it looks, which code it
 * leaves, and that a success leaves the code alone. Prints what is not so. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

static int faults, good; /* the last call did what it should, apart from its code */

static void check(int line, const char *what, DWORD expected)
{
    DWORD code = GetLastError();
    if (good && code == expected && (DWORD)errno == code)
        return;
    printf("line %d: %s, code %u, not %u, errno %d: %s\n", line, good ? "done" : "not so", code, expected, errno, what);
    faults++;
}

/* Fails with that code; succeeds and leaves the code alone; makes a handle and leaves that code; waits with that outcome. */
#define UNTOUCHED 0xDEADu
#define CHECKED(call, is, code) (SetLastError(UNTOUCHED), good = (is), check(__LINE__, #call, code))
#define FAILS(call, code) CHECKED(call, !(call), code)
#define WORKS(call) CHECKED(call, (call) != 0, UNTOUCHED)
#define MAKES(handle, call, code) CHECKED(call, (handle = (call)) != NULL, code)
#define WAITS(call, value) CHECKED(call, (call) == (value), UNTOUCHED)
#define REFUSES(call, code) CHECKED(call, (call) == WAIT_FAILED, code)
#define IS(value, expected) CHECKED(value, (value) == (expected), UNTOUCHED)

static const HANDLE MEMORY = INVALID_HANDLE_VALUE;

static void names(void)
{
    static char narrow[262];
    static WCHAR wide[32768];
    HANDLE event, other, without;
    MAKES(without, CreateEventA(NULL, FALSE, FALSE, NULL), 0);
    MAKES(event, CreateEventA(NULL, FALSE, FALSE, ""), 0);
    MAKES(other, CreateMutexA(NULL, FALSE, ""), 0);
    WORKS(CloseHandle(without) && CloseHandle(event) && CloseHandle(other));
    FAILS(OpenEventA(EVENT_ALL_ACCESS, FALSE, NULL), 87);
    FAILS(OpenEventW(EVENT_ALL_ACCESS, FALSE, NULL), 87);
    FAILS(OpenEventA(EVENT_ALL_ACCESS, FALSE, ""), 6);

    MAKES(event, CreateEventA(NULL, FALSE, FALSE, "x"), 0);
    FAILS(CreateMutexA(NULL, FALSE, "x"), 6);
    FAILS(CreateSemaphoreA(NULL, 0, 1, "x"), 6);
    FAILS(CreateWaitableTimerA(NULL, FALSE, "x"), 6);
    FAILS(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 10, "x"), 6);
    FAILS(OpenMutexA(SYNCHRONIZE, FALSE, "x"), 6);
    FAILS(OpenSemaphoreA(SYNCHRONIZE, FALSE, "x"), 6);
    FAILS(OpenWaitableTimerA(SYNCHRONIZE, FALSE, "x"), 6);
    FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, "x"), 6);
    MAKES(other, CreateEventA(NULL, FALSE, FALSE, "x"), 183);
    WORKS(CloseHandle(other));
    MAKES(other, OpenEventA(EVENT_ALL_ACCESS, FALSE, "Local\\x"), UNTOUCHED);
    WORKS(CloseHandle(other));
    FAILS(OpenEventA(EVENT_ALL_ACCESS, FALSE, "X"), 2);
    FAILS(OpenEventA(EVENT_ALL_ACCESS, FALSE, "Global\\x"), 2);
    MAKES(other, CreateMutexA(NULL, FALSE, "Global\\x"), 0);
    WORKS(CloseHandle(other) && CloseHandle(event));

    FAILS(CreateEventA(NULL, FALSE, FALSE, "a\\b"), 3);
    FAILS(CreateEventA(NULL, FALSE, FALSE, "Local\\a\\b"), 3);
    FAILS(CreateEventA(NULL, FALSE, FALSE, "Unknown\\b"), 3);
    FAILS(CreateEventA(NULL, FALSE, FALSE, "\\b"), 161);
    FAILS(OpenEventA(EVENT_ALL_ACCESS, FALSE, "\\b"), 161);
    FAILS(CreateEventA(NULL, FALSE, FALSE, "Local\\"), 123);
    MAKES(event, CreateEventA(NULL, FALSE, FALSE, "/ : .!\"$%"), 0);
    WORKS(CloseHandle(event));

    memset(narrow, 'n', 260);
    MAKES(event, CreateEventA(NULL, FALSE, FALSE, narrow), 0);
    WORKS(CloseHandle(event));
    narrow[260] = 'n';
    FAILS(CreateEventA(NULL, FALSE, FALSE, narrow), 206);
    FAILS(OpenEventA(EVENT_ALL_ACCESS, FALSE, narrow), 206);
    FAILS(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 1, narrow), 206);
    for (int index = 0; index < 32766; index++)
        wide[index] = 'w';
    MAKES(event, CreateEventW(NULL, FALSE, FALSE, wide), 0);
    WORKS(CloseHandle(event));
    wide[32766] = 'w';
    FAILS(CreateEventW(NULL, FALSE, FALSE, wide), 123);
}

static void lone_surrogates(void)
{
    WCHAR lone[] = {0xD800, 'a', 0}, another[] = {0xD801, 'a', 0};
    HANDLE event, again;
    MAKES(event, CreateEventW(NULL, FALSE, FALSE, lone), 0);
    FAILS(OpenEventW(EVENT_ALL_ACCESS, FALSE, another), 2);
    MAKES(again, OpenEventW(EVENT_ALL_ACCESS, FALSE, lone), UNTOUCHED);
    WORKS(CloseHandle(again) && CloseHandle(event));
}

static void semaphores(void)
{
    HANDLE semaphore, again;
    LONG before = 77;
    MAKES(semaphore, CreateSemaphoreA(NULL, 1, 2, "s"), 0);
    MAKES(again, CreateSemaphoreA(NULL, 5, 9, "s"), 183);
    FAILS(CreateSemaphoreA(NULL, 5, 2, "s"), 87);
    FAILS(CreateSemaphoreA(NULL, -1, 2, NULL), 87);
    FAILS(CreateSemaphoreA(NULL, 0, 0, NULL), 87);
    FAILS(CreateSemaphoreA(NULL, 0, -1, NULL), 87);
    FAILS(CreateSemaphoreA(NULL, 1, 0, "a\\b"), 87);
    FAILS(CreateSemaphoreExA(NULL, 0, 1, NULL, 1, SEMAPHORE_ALL_ACCESS), 87);
    FAILS(ReleaseSemaphore(semaphore, 2, &before), 298);
    FAILS(ReleaseSemaphore(semaphore, 0x7FFFFFFF, &before), 298);
    FAILS(ReleaseSemaphore(semaphore, 0, &before), 87);
    FAILS(ReleaseSemaphore(semaphore, -1, &before), 87);
    FAILS(ReleaseSemaphore(NULL, 0, &before), 87);
    FAILS(ReleaseSemaphore(NULL, 1, &before), 6);
    IS(before, 77);
    WORKS(ReleaseSemaphore(semaphore, 1, &before));
    IS(before, 1);
    FAILS(ReleaseSemaphore(again, 1, NULL), 298);
    WORKS(CloseHandle(again) && CloseHandle(semaphore));
}

static void mutexes(void)
{
    HANDLE mutex, again, waits, signals, nothing;
    MAKES(mutex, CreateMutexA(NULL, TRUE, "m"), 0);
    MAKES(again, CreateMutexA(NULL, TRUE, "m"), 183);
    WORKS(ReleaseMutex(mutex));
    FAILS(ReleaseMutex(again), 288);
    FAILS(CreateMutexExA(NULL, NULL, 2, MUTEX_ALL_ACCESS), 87);
    FAILS(OpenMutexA(0, FALSE, "m"), 5);
    MAKES(waits, CreateMutexExA(NULL, "m", 0, SYNCHRONIZE), 183);
    WAITS(WaitForSingleObject(waits, 0), WAIT_OBJECT_0);
    WORKS(ReleaseMutex(waits));
    MAKES(signals, OpenMutexA(MUTEX_MODIFY_STATE, FALSE, "m"), UNTOUCHED);
    REFUSES(WaitForSingleObject(signals, 0), 5);
    WORKS(DuplicateHandle(GetCurrentProcess(), mutex, GetCurrentProcess(), &nothing, 0, FALSE, 0));
    REFUSES(WaitForSingleObject(nothing, 0), 5);
    WAITS(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
    WORKS(ReleaseMutex(nothing));
    WORKS(CloseHandle(nothing) && CloseHandle(signals) && CloseHandle(waits) && CloseHandle(again));
    WORKS(CloseHandle(mutex));
}

static void events_and_kinds(void)
{
    LARGE_INTEGER due = {{0, 0}};
    HANDLE event;
    MAKES(event, CreateEventExA(NULL, "e", CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET, SYNCHRONIZE), 0);
    WAITS(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    WAITS(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    FAILS(SetEvent(event), 5);
    FAILS(ResetEvent(event), 5);
    FAILS(PulseEvent(event), 5);
    FAILS(ReleaseMutex(event), 6);
    FAILS(ReleaseSemaphore(event, 1, NULL), 6);
    FAILS(CancelWaitableTimer(event), 6);
    FAILS(SetWaitableTimer(event, &due, 0, NULL, NULL, FALSE), 6);
    FAILS(MapViewOfFile(event, FILE_MAP_READ, 0, 0, 0), 6);
    FAILS(CreateFileMappingA(event, NULL, PAGE_READWRITE, 0, 1, NULL), 6);
    FAILS(CreateEventExA(NULL, "e", 4, EVENT_ALL_ACCESS), 87);
    FAILS(OpenEventA(0, FALSE, "e"), 5);
    WORKS(CloseHandle(event));
    FAILS(CloseHandle(event), 6);
    FAILS(SetEvent(event), 6);
    FAILS(SetEvent(NULL), 6);
    FAILS(SetEvent(INVALID_HANDLE_VALUE), 6);
    FAILS(CloseHandle(NULL), 6);
}

static void waits(void)
{
    HANDLE mutex, event, semaphore, section, two[65];
    MAKES(mutex, CreateMutexA(NULL, FALSE, NULL), 0);
    MAKES(event, CreateEventA(NULL, FALSE, FALSE, NULL), 0);
    MAKES(semaphore, CreateSemaphoreA(NULL, 1, 1, NULL), 0);
    for (int index = 0; index < 65; index++)
        two[index] = mutex;
    REFUSES(WaitForMultipleObjects(2, two, TRUE, 0), 87);
    WAITS(WaitForMultipleObjects(2, two, FALSE, 0), WAIT_OBJECT_0);
    WAITS(WaitForMultipleObjects(1, two, TRUE, 0), WAIT_OBJECT_0);
    WORKS(ReleaseMutex(mutex) && ReleaseMutex(mutex));
    FAILS(ReleaseMutex(mutex), 288);
    REFUSES(WaitForMultipleObjects(0, two, FALSE, 0), 87);
    REFUSES(WaitForMultipleObjects(65, two, FALSE, 0), 87);
    REFUSES(WaitForMultipleObjects(MAXDWORD, NULL, FALSE, 0), 87);
    two[1] = GetCurrentProcess();
    REFUSES(WaitForMultipleObjects(2, two, FALSE, 0), 6);
    two[1] = GetCurrentThread();
    REFUSES(WaitForMultipleObjects(2, two, FALSE, 0), 6);
    WAITS(WaitForSingleObject(GetCurrentThread(), 0), WAIT_TIMEOUT);
    WAITS(WaitForSingleObject(GetCurrentProcess(), 0), WAIT_TIMEOUT);
    two[1] = event;
    WAITS(WaitForMultipleObjects(2, two, TRUE, 0), WAIT_TIMEOUT);
    FAILS(ReleaseMutex(mutex), 288);

    REFUSES(SignalObjectAndWait(semaphore, event, 0, FALSE), 298);
    WAITS(SignalObjectAndWait(event, semaphore, 0, FALSE), WAIT_OBJECT_0);
    WAITS(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    WAITS(SignalObjectAndWait(event, semaphore, 0, FALSE), WAIT_TIMEOUT);
    WAITS(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    REFUSES(SignalObjectAndWait(NULL, semaphore, 0, FALSE), 6);
    REFUSES(SignalObjectAndWait(event, NULL, 0, FALSE), 6);
    WAITS(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    REFUSES(SignalObjectAndWait(mutex, event, 0, FALSE), 288);

    MAKES(section, CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 1, NULL), 0);
    REFUSES(WaitForSingleObject(section, 0), 5);
    REFUSES(WaitForMultipleObjects(1, &section, FALSE, 0), 5);
    WORKS(CloseHandle(section) && CloseHandle(semaphore) && CloseHandle(event) && CloseHandle(mutex));
}

static void timers(void)
{
    LARGE_INTEGER due;
    HANDLE timer;
    MAKES(timer, CreateWaitableTimerA(NULL, TRUE, "t"), 0);
    due.QuadPart = 0;
    WORKS(SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE));
    WAITS(WaitForSingleObject(timer, 1000), WAIT_OBJECT_0);
    WORKS(CancelWaitableTimer(timer));
    WAITS(WaitForSingleObject(timer, 0), WAIT_OBJECT_0);
    FAILS(SetWaitableTimer(timer, &due, -1, NULL, NULL, FALSE), 87);
    FAILS(SetWaitableTimer(timer, NULL, 0, NULL, NULL, FALSE), 998);
    WAITS(WaitForSingleObject(timer, 0), WAIT_OBJECT_0);
    due.QuadPart = INT64_MIN;
    WORKS(SetWaitableTimer(timer, &due, 0x7FFFFFFF, NULL, NULL, FALSE));
    WAITS(WaitForSingleObject(timer, 0), WAIT_TIMEOUT);
    due.QuadPart = INT64_MAX;
    WORKS(SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE));
    WAITS(WaitForSingleObject(timer, 0), WAIT_TIMEOUT);
    WORKS(CloseHandle(timer));
}

static void sections(void)
{
    static const DWORD valid[] = {PAGE_READONLY,     PAGE_READWRITE,         PAGE_WRITECOPY,
                                  PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY};
    static const DWORD invalid[] = {0, PAGE_NOACCESS, PAGE_EXECUTE, PAGE_READONLY | PAGE_READWRITE, SEC_COMMIT,
                                    PAGE_READWRITE | SEC_COMMIT | SEC_RESERVE, PAGE_READWRITE | SEC_NOCACHE,
                                    PAGE_READWRITE | SEC_LARGE_PAGES, PAGE_READONLY | SEC_IMAGE};
    HANDLE section;
    for (size_t index = 0; index < ARRAYSIZE(valid); index++) {
        MAKES(section, CreateFileMappingA(MEMORY, NULL, valid[index], 0, 1, NULL), 0);
        WORKS(CloseHandle(section));
        MAKES(section, CreateFileMappingA(MEMORY, NULL, valid[index] | SEC_COMMIT, 0, 1, NULL), 0);
        WORKS(CloseHandle(section));
    }
    for (size_t index = 0; index < ARRAYSIZE(invalid); index++)
        FAILS(CreateFileMappingA(MEMORY, NULL, invalid[index], 0, 1, NULL), 87);
    FAILS(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 0, NULL), 87);
    FAILS(CreateFileMappingA((HANDLE)0x123454, NULL, PAGE_READWRITE, 0, 1, NULL), 6);
    FAILS(CreateFileMappingA((HANDLE)0x123454, NULL, 0, 0, 1, NULL), 87);
    FAILS(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0x10000, 0, NULL), 1455);
    FAILS(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0x80000000, 0, NULL), 8);
    FAILS(CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, MAXDWORD, MAXDWORD, NULL), 8);
    MAKES(section, CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE | SEC_RESERVE, 0x100, 0, NULL), 0);
    WORKS(CloseHandle(section));
}

static void views(void)
{
    MEMORY_BASIC_INFORMATION told;
    HANDLE section, again;
    char *view, *other;
    MAKES(section, CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 0x11000, "section"), 0);
    MAKES(again, CreateFileMappingA(MEMORY, NULL, PAGE_READONLY, 0, 1, "section"), 183);
    FAILS(MapViewOfFile(again, FILE_MAP_WRITE, 0, 0, 0), 5);
    MAKES(view, (char *)MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0), UNTOUCHED);
    WORKS(VirtualQuery(view, &told, sizeof told) == sizeof told);
    IS(told.RegionSize, 0x11000u);
    FAILS(VirtualQuery(view, NULL, sizeof told), 998);
    FAILS(VirtualQuery(view, &told, sizeof told - 1), 24);
    FAILS(VirtualQuery((LPCVOID)(ULONG_PTR)-1, &told, 0), 87);
    FAILS(MapViewOfFile(section, FILE_MAP_READ, 0, 0x1000, 0), 1132);
    FAILS(MapViewOfFile(section, FILE_MAP_READ, 0, 0x20000, 0), 5);
    FAILS(MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0x11001), 5);
    FAILS(MapViewOfFile(section, FILE_MAP_READ, 0, 0x10000, 0x1001), 5);
    FAILS(MapViewOfFile(section, FILE_MAP_READ, 1, 0, 0), 5);
    FAILS(MapViewOfFile(section, FILE_MAP_READ, 0x7FFFFFFF, 0xFFFF0000, 0), 5);
    FAILS(MapViewOfFile(section, FILE_MAP_READ, MAXDWORD, 0xFFFF0000, 0x10000), 5);
    FAILS(MapViewOfFile(section, FILE_MAP_READ | FILE_MAP_EXECUTE, 0, 0, 0), 5);
    FAILS(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, (LPVOID)0x10001000), 1132);
    FAILS(MapViewOfFileEx(section, FILE_MAP_READ, 0, 0, 0, view), 487);
    MAKES(other, (char *)MapViewOfFile(section, FILE_MAP_READ, 0, 0x10000, 0), UNTOUCHED);
    WORKS(VirtualQuery(other, &told, sizeof told) == sizeof told);
    IS(told.RegionSize, 0x1000u);
    WORKS(UnmapViewOfFile(other + 0xFFF));
    FAILS(UnmapViewOfFile(other), 487);
    FAILS(UnmapViewOfFile(NULL), 487);
    FAILS(UnmapViewOfFile(&told), 487);
    FAILS(UnmapViewOfFile((LPCVOID)(ULONG_PTR)-1), 487);
    WORKS(FlushViewOfFile(view, 0));
    WORKS(FlushViewOfFile(view + 5, 100));
    FAILS(FlushViewOfFile(NULL, 0), 487);

    /* A view keeps the memory, not the name. */
    WORKS(CloseHandle(again) && CloseHandle(section));
    FAILS(OpenFileMappingA(FILE_MAP_READ, FALSE, "section"), 2);
    MAKES(section, CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 1, "section"), 0);
    view[0] = 5;
    MAKES(other, (char *)MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0), UNTOUCHED);
    IS(other[0], 0);
    WORKS(UnmapViewOfFile(other) && UnmapViewOfFile(view) && CloseHandle(section));
}

static void rights(void)
{
    HANDLE section, some;
    DWORD old;
    char *view;
    MAKES(section, CreateFileMappingA(MEMORY, NULL, PAGE_READWRITE, 0, 1, "rights"), 0);
    FAILS(OpenFileMappingA(0, FALSE, "rights"), 5);
    MAKES(some, OpenFileMappingA(FILE_MAP_WRITE, FALSE, "rights"), UNTOUCHED);
    FAILS(MapViewOfFile(some, FILE_MAP_READ, 0, 0, 0), 5);
    FAILS(MapViewOfFile(some, FILE_MAP_COPY, 0, 0, 0), 5);
    MAKES(view, (char *)MapViewOfFile(some, FILE_MAP_WRITE, 0, 0, 0), UNTOUCHED);
    WORKS(UnmapViewOfFile(view) && CloseHandle(some));
    MAKES(some, OpenFileMappingA(FILE_MAP_READ, FALSE, "rights"), UNTOUCHED);
    FAILS(MapViewOfFile(some, FILE_MAP_WRITE, 0, 0, 0), 5);
    MAKES(view, (char *)MapViewOfFile(some, FILE_MAP_COPY, 0, 0, 0), UNTOUCHED);
    view[0] = 9;
    FAILS(VirtualProtect(view, 1, PAGE_READWRITE, &old), 87);
    WORKS(VirtualProtect(view, 1, PAGE_READONLY, &old));
    IS(old, PAGE_WRITECOPY);
    WORKS(UnmapViewOfFile(view));
    MAKES(view, (char *)MapViewOfFile(some, FILE_MAP_READ, 0, 0, 0), UNTOUCHED);
    IS(view[0], 0);
    FAILS(VirtualProtect(view, 1, PAGE_READONLY, NULL), 998);
    FAILS(VirtualProtect(view, 0, PAGE_READONLY, &old), 87);
    FAILS(VirtualProtect(view, 0x2000, PAGE_READONLY, &old), 487);
    WORKS(UnmapViewOfFile(view) && CloseHandle(some) && CloseHandle(section));
}

static void handles(void)
{
    HANDLE event, copy;
    DWORD flags;
    MAKES(event, CreateEventA(NULL, FALSE, FALSE, NULL), 0);
    IS((ULONG_PTR)event & 3, 0u);
    WORKS(SetEvent((HANDLE)((ULONG_PTR)event | 3)));
    WORKS(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0, FALSE,
                          DUPLICATE_CLOSE_SOURCE | DUPLICATE_SAME_ACCESS));
    IS(copy == event, 1);
    WORKS(SetHandleInformation(event, 3, HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE));
    WORKS(GetHandleInformation(event, &flags));
    IS(flags, 3u);
    FAILS(CloseHandle(event), 6);
    WORKS(SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0));
    FAILS(SetHandleInformation(event, 4, 4), 87);
    FAILS(GetHandleInformation(event, NULL), 998);
    FAILS(DuplicateHandle(GetCurrentProcess(), NULL, GetCurrentProcess(), &copy, 0, FALSE, 2), 6);
    FAILS(DuplicateHandle(NULL, event, GetCurrentProcess(), &copy, 0, FALSE, 2), 6);
    FAILS(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0, FALSE, 4), 87);
    FAILS(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), NULL, 0, FALSE, 2), 998);
    WORKS(CloseHandle(event));
}

/* The forms that no other program here calls. */
static void wide_forms(void)
{
    WCHAR event_name[] = {'E', 0}, mutex_name[] = {'M', 0}, semaphore_name[] = {'S', 0}, timer_name[] = {'T', 0};
    LARGE_INTEGER due = {{0, 0}};
    HANDLE event, mutex, semaphore, timer, again;
    MAKES(event, CreateEventExW(NULL, event_name, CREATE_EVENT_INITIAL_SET, EVENT_ALL_ACCESS), 0);
    MAKES(again, OpenEventA(SYNCHRONIZE, FALSE, "E"), UNTOUCHED);
    WAITS(WaitForSingleObject(again, 0), WAIT_OBJECT_0);
    WORKS(CloseHandle(again) && CloseHandle(event));
    MAKES(mutex, CreateMutexExW(NULL, mutex_name, CREATE_MUTEX_INITIAL_OWNER, MUTEX_ALL_ACCESS), 0);
    MAKES(again, OpenMutexW(SYNCHRONIZE, FALSE, mutex_name), UNTOUCHED);
    WORKS(ReleaseMutex(again));
    WORKS(CloseHandle(again) && CloseHandle(mutex));
    MAKES(semaphore, CreateSemaphoreExW(NULL, 0, 2, semaphore_name, 0, SEMAPHORE_ALL_ACCESS), 0);
    MAKES(again, OpenSemaphoreW(SEMAPHORE_MODIFY_STATE, FALSE, semaphore_name), UNTOUCHED);
    WORKS(ReleaseSemaphore(again, 2, NULL));
    REFUSES(WaitForSingleObject(again, 0), 5);
    WORKS(CloseHandle(again) && CloseHandle(semaphore));
    MAKES(timer, CreateWaitableTimerExW(NULL, timer_name, CREATE_WAITABLE_TIMER_MANUAL_RESET, TIMER_ALL_ACCESS), 0);
    MAKES(again, OpenWaitableTimerW(TIMER_MODIFY_STATE, FALSE, timer_name), UNTOUCHED);
    WORKS(SetWaitableTimerEx(again, &due, 0, NULL, NULL, NULL, 0));
    WAITS(WaitForSingleObject(timer, 1000), WAIT_OBJECT_0);
    WORKS(CloseHandle(again) && CloseHandle(timer));
    FAILS(CreateWaitableTimerExA(NULL, "T", 4, TIMER_ALL_ACCESS), 87);
    MAKES(timer, CreateWaitableTimerExA(NULL, "T", 0, SYNCHRONIZE), 0);
    FAILS(CancelWaitableTimer(timer), 5);
    WORKS(CloseHandle(timer));
}

/* Memory is as long as was asked for, and clocks go forward. */
static void memory_and_clocks(void)
{
    ULONGLONG before = GetTickCount64();
    FILETIME time = {0, 0};
    char *local = (char *)LocalAlloc(LPTR, 100), *heap = (char *)HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, 100);
    IS(local != NULL && local[99] == 0 && LocalFree(local) == NULL, 1);
    IS(heap != NULL && heap[99] == 0 && HeapFree(GetProcessHeap(), 0, heap), 1);
    Sleep(2);
    IS(GetTickCount64() > before && GetTickCount() - (DWORD)before < 60000u, 1);
    GetSystemTimePreciseAsFileTime(&time);
    IS(time.dwHighDateTime > 30000000u, 1); /* after 2009 */
}

int main(void)
{
    names();
    lone_surrogates();
    semaphores();
    mutexes();
    events_and_kinds();
    waits();
    timers();
    sections();
    views();
    rights();
    handles();
    wide_forms();
    memory_and_clocks();
    printf("faults: %d\n", faults);
    return faults != 0;
}
