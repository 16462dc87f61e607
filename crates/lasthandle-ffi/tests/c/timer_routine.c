/* Timers with a completion routine: it runs in the thread that set it, while that waits alertably.
 *
 *     timer_routine [manual]     the timer with periods stays signaled (of such, Wine knows no periods) */
#include <stdio.h>
#include <windows.h>

/* What a late routine has added after one sleep; Wine may run it twice. */
#ifdef _WIN32
#define MOST_MISSED 20
#else
#define MOST_MISSED 10
#endif

static HANDLE timer;
static int count;
static ULONGLONG last;

static ULONGLONG now(void)
{
    FILETIME time;
    GetSystemTimeAsFileTime(&time);
    return (ULONGLONG)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

static void CALLBACK tick(LPVOID argument, DWORD low, DWORD high)
{
    last = (ULONGLONG)high << 32 | low;
    count += *(int *)argument;
}

static void CALLBACK cancels(LPVOID argument, DWORD low, DWORD high)
{
    (void)low;
    (void)high;
    (void)argument;
    if (++count == 2)
        CancelWaitableTimer(timer);
}

static void CALLBACK rearms(LPVOID argument, DWORD low, DWORD high)
{
    LARGE_INTEGER due;
    (void)low;
    (void)high;
    due.QuadPart = -10000;
    if (++count < 3)
        SetWaitableTimer(timer, &due, 0, rearms, argument, FALSE);
}

static void CALLBACK plain(ULONG_PTR number)
{
    printf(" call%u after %d", (unsigned)number, count);
}

/* What a wait says, and then how often routines have run. */
static void say(const char *what, DWORD waited)
{
    printf("%s: %x %d\n", what, (unsigned)waited, count);
}

static void set(LONGLONG due, LONG period, PTIMERAPCROUTINE routine, int *argument)
{
    LARGE_INTEGER time;
    time.QuadPart = due;
    if (!SetWaitableTimer(timer, &time, period, routine, argument, FALSE))
        printf("not set: %u\n", (unsigned)GetLastError());
}

int main(int argc, char **argv)
{
    HANDLE unset = CreateEventA(NULL, TRUE, FALSE, NULL);
    int one = 1, ten = 10;
    ULONGLONG begun;

    (void)argv;
    setvbuf(stdout, NULL, _IONBF, 0);
    timer = CreateWaitableTimerA(NULL, TRUE, NULL);
    begun = now();
    set(-300000, 0, tick, &one);
    say("only alertably", WaitForSingleObject(timer, 5000));
    printf("runs: %x", (unsigned)SleepEx(5000, TRUE));
    printf(" %d", count);
    printf(" at its time: %d %d\n", last >= begun + 290000, last <= now());
    printf("its signal stays: %x\n", (unsigned)WaitForSingleObject(timer, 0));
    say("once", SleepEx(50, TRUE));

    CloseHandle(timer);
    timer = CreateWaitableTimerA(NULL, argc > 1, NULL);
    set(-100000, 10, tick, &ten);
    count = 0;
    for (int round = 0; round < 3; round++)
        say("again", WaitForSingleObjectEx(unset, INFINITE, TRUE));
    Sleep(100);
    count = 0;
    printf("missed periods are one: %x", (unsigned)SleepEx(0, TRUE));
    printf(" %d\n", count == 10 || count == MOST_MISSED);
    CancelWaitableTimer(timer);
    count = 0;
    say("cancelled", SleepEx(50, TRUE));

    set(-10000, 0, tick, &one);
    Sleep(20);
    set(-10000, 0, tick, &ten);
    printf("armed anew: %x", (unsigned)SleepEx(5000, TRUE));
    printf(" %d", count);
    set(-10000, 0, tick, &one);
    Sleep(20);
    set(-10000, 0, NULL, NULL);
    say(" without", SleepEx(50, TRUE));

    count = 0;
    set(-10000, 5, cancels, &one);
    while (SleepEx(200, TRUE) == WAIT_IO_COMPLETION)
        ;
    printf("cancels itself: %d\n", count);
    count = 0;
    set(-10000, 0, rearms, &one);
    while (SleepEx(200, TRUE) == WAIT_IO_COMPLETION)
        ;
    printf("arms itself: %d\n", count);

    count = 0;
    begun = now();
    set((LONGLONG)begun + 500000, 0, tick, &one);
    printf("at a time: %x", (unsigned)SleepEx(INFINITE, TRUE));
    printf(" %d %d %d\n", count, last == begun + 500000, now() >= begun + 500000);

    count = 0;
    set(-10000, 0, tick, &one);
    Sleep(20);
    QueueUserAPC(plain, GetCurrentThread(), 1);
    printf("in order:");
    printf(" = %x\n", (unsigned)SleepEx(INFINITE, TRUE));
    count = 0;
    QueueUserAPC(plain, GetCurrentThread(), 2);
    set(0, 0, tick, &one);
    printf("in order:");
    say("", SleepEx(INFINITE, TRUE));

    count = 0;
    set(-500000, 0, tick, &one);
    printf("a wait's own time: %x", (unsigned)WaitForSingleObjectEx(unset, 10, TRUE));
    SetEvent(unset);
    printf(" %x", (unsigned)WaitForSingleObjectEx(unset, INFINITE, TRUE));
    ResetEvent(unset);
    say("", WaitForSingleObjectEx(unset, INFINITE, TRUE));

    count = 0;
    set(-10000, 0, tick, &one);
    CloseHandle(timer);
    say("closed", SleepEx(50, TRUE));
    CloseHandle(unset);
    return 0;
}
