/* Waiting for any and for all of several objects of mixed kinds; prints what each wait says. */
#include <stdio.h>
#include <windows.h>

static void say(const char *what, DWORD waited)
{
    printf("%s: %x\n", what, (unsigned)waited);
}

int main(void)
{
    HANDLE objects[4];
    LARGE_INTEGER due;
    LONG before = -1;

    objects[0] = CreateEventW(NULL, TRUE, FALSE, NULL);
    objects[1] = CreateSemaphoreA(NULL, 0, 2, NULL);
    objects[2] = CreateMutexA(NULL, FALSE, NULL);
    objects[3] = CreateWaitableTimerA(NULL, FALSE, NULL);
    say("any: the free mutex", WaitForMultipleObjects(4, objects, FALSE, 0));
    say("all: not yet", WaitForMultipleObjects(4, objects, TRUE, 10));
    ReleaseSemaphore(objects[1], 2, &before);
    printf("before: %d\n", (int)before);
    say("any: the semaphore", WaitForMultipleObjects(4, objects, FALSE, INFINITE));
    SetEvent(objects[0]);
    say("any: the event", WaitForMultipleObjects(4, objects, FALSE, INFINITE));
    due.QuadPart = -200000; /* 20 ms */
    SetWaitableTimer(objects[3], &due, 0, NULL, NULL, FALSE);
    say("all", WaitForMultipleObjects(4, objects, TRUE, INFINITE));
    say("all: the semaphore and the timer were taken", WaitForMultipleObjects(4, objects, TRUE, 0));
    for (int release = 0; release < 3; release++)
        printf("release: %d\n", ReleaseMutex(objects[2]));
    printf("error %u\n", (unsigned)GetLastError());
    say("this process", WaitForSingleObject(GetCurrentProcess(), 1));
    for (int index = 0; index < 4; index++)
        printf("%d", CloseHandle(objects[index]));
    puts("");
    return 0;
}
