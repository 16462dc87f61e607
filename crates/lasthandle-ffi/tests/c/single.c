/* A program of which one instance runs at a time, guarded by a mutex.
 *
 *   single hold      takes the mutex, says so, and holds it until its input ends
 *   single die       the same, but ends without releasing it
 *   single try       says how it finds the mutex
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <windows.h>

static const char *outcome(DWORD waited)
{
    switch (waited) {
    case WAIT_OBJECT_0:
        return "taken";
    case WAIT_ABANDONED:
        return "abandoned";
    case WAIT_TIMEOUT:
        return "busy";
    default:
        return "failed";
    }
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    HANDLE mutex = CreateMutexA(NULL, FALSE, "Local\\SingleInstance");
    const char *how = GetLastError() == ERROR_ALREADY_EXISTS ? "existing" : "fresh";
    if (mutex == NULL)
        return 2;
    DWORD waited = WaitForSingleObject(mutex, 0);
    printf("%s %s\n", how, outcome(waited));
    fflush(stdout);
    if (*what != 't')
        while (getchar() != EOF)
            ;
    if (*what == 'd')
        _exit(3);
    if (waited == WAIT_OBJECT_0 || waited == WAIT_ABANDONED)
        ReleaseMutex(mutex);
    CloseHandle(mutex);
    return 0;
}
