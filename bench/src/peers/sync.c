/* VERB N on standard input: nanoseconds for one of N operations. */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const wchar_t NAME[] = L"Local\\lasthandle-bench-sync";

static void check(BOOL done)
{
    if (!done) exit(1);
}

static void take(HANDLE object)
{
    check(WaitForSingleObject(object, INFINITE) == WAIT_OBJECT_0);
}

static double now(void)
{
    LARGE_INTEGER ticks, frequency;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&frequency);
    return (double)ticks.QuadPart * 1e9 / (double)frequency.QuadPart;
}

int main(void)
{
    char verb[16];
    unsigned long long times, i;
    HANDLE mutex = CreateMutexW(NULL, FALSE, NULL), event = CreateEventW(NULL, FALSE, FALSE, NULL);
    HANDLE semaphore = CreateSemaphoreW(NULL, 0, 0x7fffffff, NULL);
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 65536, NULL);
    check(mutex && event && semaphore && mapping);
    while (scanf("%15s %llu", verb, &times) == 2) {
        HANDLE living = strcmp(verb, "open") ? NULL : CreateEventW(NULL, FALSE, FALSE, NAME);
        double start = now();
        if (!strcmp(verb, "mutex"))
            for (i = 0; i < times; i++) take(mutex), check(ReleaseMutex(mutex));
        else if (!strcmp(verb, "event"))
            for (i = 0; i < times; i++) check(SetEvent(event)), take(event);
        else if (!strcmp(verb, "semaphore"))
            for (i = 0; i < times; i++) check(ReleaseSemaphore(semaphore, 1, NULL)), take(semaphore);
        else if (!strcmp(verb, "create"))
            for (i = 0; i < times; i++) check(CloseHandle(CreateEventW(NULL, FALSE, FALSE, NAME)));
        else if (!strcmp(verb, "open"))
            for (i = 0; i < times; i++) check(CloseHandle(OpenEventW(EVENT_ALL_ACCESS, FALSE, NAME)));
        else if (!strcmp(verb, "unnamed"))
            for (i = 0; i < times; i++) check(CloseHandle(CreateEventW(NULL, FALSE, FALSE, NULL)));
        else if (!strcmp(verb, "map"))
            for (i = 0; i < times; i++) check(UnmapViewOfFile(MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0)));
        else
            return 1;
        printf("%f\n", (now() - start) / (double)times);
        fflush(stdout);
        if (living) CloseHandle(living);
    }
    return 0;
}
