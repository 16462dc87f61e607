/* create|open N on standard input: nanoseconds for one of N operations. */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

static const wchar_t NAME[] = L"Local\\lasthandle-bench";

static void touch(HANDLE mapping)
{
    volatile char *view = mapping ? MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0) : NULL;
    if (!view) exit(1);
    view[0] = 1;
    UnmapViewOfFile((const void *)view);
    CloseHandle(mapping);
}

static HANDLE create(DWORD bytes)
{
    return CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, bytes, NAME);
}

static double now(void)
{
    LARGE_INTEGER ticks, frequency;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&frequency);
    return (double)ticks.QuadPart * 1e9 / (double)frequency.QuadPart;
}

int main(int count, char **arguments)
{
    DWORD bytes = count > 1 ? strtoul(arguments[1], NULL, 10) : 65536;
    char verb[16];
    unsigned long long times;
    while (scanf("%15s %llu", verb, &times) == 2) {
        int opens = verb[0] == 'o';
        HANDLE living = opens ? create(bytes) : NULL;
        double start = now();
        for (unsigned long long i = 0; i < times; i++)
            touch(opens ? OpenFileMappingW(FILE_MAP_WRITE, FALSE, NAME) : create(bytes));
        printf("%f\n", (now() - start) / (double)times);
        fflush(stdout);
        if (living) CloseHandle(living);
    }
    return 0;
}
