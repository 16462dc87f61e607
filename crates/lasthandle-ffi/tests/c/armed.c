/* Threads arm timers with a routine, and end: the timers are cancelled, and nothing of the threads stays mapped. Linux
 * only. */
#include <stdio.h>
#include <windows.h>

static VOID CALLBACK never(LPVOID argument, DWORD low, DWORD high)
{
    (void)argument;
    (void)low;
    (void)high;
}

static DWORD WINAPI arms(LPVOID timer)
{
    LARGE_INTEGER due;
    due.QuadPart = -200000;
    return (DWORD)SetWaitableTimer(*(HANDLE *)timer, &due, 0, never, NULL, FALSE);
}

static int mapped(void)
{
    char line[4096];
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
        count += strstr(line, " rw-s ") != NULL;
    fclose(maps);
    return count;
}

int main(void)
{
    HANDLE timer = CreateWaitableTimerA(NULL, FALSE, NULL);
    int before = mapped(), armed = 0;
    for (int round = 0; round < 20; round++) {
        DWORD code = 0;
        HANDLE thread = CreateThread(NULL, 0, arms, &timer, 0, NULL);
        WaitForSingleObject(thread, INFINITE);
        GetExitCodeThread(thread, &code);
        armed += (int)code;
        CloseHandle(thread);
    }
    printf("armed: %d, due: %x\n", armed, (unsigned)WaitForSingleObject(timer, 100));
    for (int round = 0; round < 500 && mapped() > before; round++)
        Sleep(10);
    printf("more is mapped: %d\n", mapped() > before);
    return 0;
}
