// A timer that calls a function, and one that is waited for.
//
//     timer COUNT MILLISECONDS     calls so many times, every so many milliseconds
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct
{
    int count;
    ULONGLONG last;
    BOOL ordered;
} TICKS;

static VOID CALLBACK tick(LPVOID argument, DWORD low, DWORD high)
{
    TICKS *ticks = (TICKS *)argument;
    ULONGLONG when = (ULONGLONG)high << 32 | low; // 100 ns since 1601
    ticks->ordered = ticks->ordered && when > ticks->last;
    ticks->last = when;
    ticks->count++;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 5;
    LONG period = argc > 2 ? atoi(argv[2]) : 100;
    TICKS ticks = {0, 0, TRUE};
    HANDLE timer = CreateWaitableTimerA(NULL, FALSE, NULL);
    LARGE_INTEGER due;

    if (timer == NULL)
        return 1;
    due.QuadPart = -10000LL * period; // relative, in 100 ns
    if (!SetWaitableTimer(timer, &due, period, tick, &ticks, FALSE))
    {
        printf("SetWaitableTimer failed: %u\n", (unsigned)GetLastError());
        return 1;
    }
    // The function is called while this thread sleeps so that it may be.
    while (ticks.count < count)
    {
        DWORD slept = SleepEx(30000, TRUE);
        if (slept != WAIT_IO_COMPLETION)
        {
            printf("slept through: %u\n", (unsigned)slept);
            return 1;
        }
    }
    printf("called, in order: %d\n", ticks.ordered);

    // Set again without a function, it is an object to wait for.
    if (!SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE))
        return 1;
    printf("waited: %u\n", (unsigned)WaitForSingleObject(timer, 30000));
    printf("once: %u\n", (unsigned)WaitForSingleObject(timer, 2 * (DWORD)period));
    CancelWaitableTimer(timer);
    CloseHandle(timer);
    return 0;
}
