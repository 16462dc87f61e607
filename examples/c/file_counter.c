// A counter in a file, shared by all processes that run this: a mapping over the file, found by name, and a mutex.
//
//     file_counter FILE TIMES [WAIT]     adds 1 so many times; with a third argument, waits for its input's end then
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <tchar.h>

typedef struct
{
    char title[16];
    LONG count;
} COUNTER;

static int fail(LPCTSTR what)
{
    _tprintf(TEXT("%s failed: %u\n"), what, (unsigned)GetLastError());
    return 1;
}

int _tmain(int argc, TCHAR *argv[])
{
    HANDLE file, map, mutex;
    COUNTER *counter;
    BOOL first;

    if (argc < 3)
        return 2;
    mutex = CreateMutex(NULL, FALSE, TEXT("Local\\SampleFileCounterLock"));
    if (mutex == NULL)
        return fail(TEXT("CreateMutex"));

    // Whoever comes first names the file; the others need only the name.
    WaitForSingleObject(mutex, INFINITE);
    map = OpenFileMapping(FILE_MAP_WRITE, FALSE, TEXT("Local\\SampleFileCounter"));
    first = map == NULL;
    if (first)
    {
        file = CreateFile(argv[1], GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_ALWAYS,
                          FILE_ATTRIBUTE_NORMAL, NULL);
        if (file == INVALID_HANDLE_VALUE)
            return fail(TEXT("CreateFile"));
        map = CreateFileMapping(file, NULL, PAGE_READWRITE, 0, sizeof(COUNTER), TEXT("Local\\SampleFileCounter"));
        if (map == NULL)
            return fail(TEXT("CreateFileMapping"));
        CloseHandle(file); // the mapping has its own
    }
    ReleaseMutex(mutex);
    counter = (COUNTER *)MapViewOfFile(map, FILE_MAP_WRITE, 0, 0, sizeof(COUNTER));
    if (counter == NULL)
        return fail(TEXT("MapViewOfFile"));

    for (int times = _ttoi(argv[2]); times > 0; times--)
    {
        WaitForSingleObject(mutex, INFINITE);
        memcpy(counter->title, "counted so far:", 16);
        counter->count++;
        ReleaseMutex(mutex);
    }
    _tprintf(TEXT("%s, %d\n"), first ? TEXT("first") : TEXT("not first"), (int)counter->count);
    fflush(stdout);
    while (argc > 3 && getchar() != EOF)
        ;

    if (!FlushViewOfFile(counter, 0))
        return fail(TEXT("FlushViewOfFile"));
    UnmapViewOfFile(counter);
    CloseHandle(map);
    CloseHandle(mutex);
    return 0;
}
