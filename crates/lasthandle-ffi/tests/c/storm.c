/* A parent whose children are killed at any moment, while handles are put into them and taken out of them: at the end no
 * name is left, no handle, and nobody who hangs.
 *
 *   storm ROUNDS SEED
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <windows.h>

static unsigned random_below(unsigned limit)
{
    static unsigned state;
    if (state == 0 || limit == 0)
        state = limit + 1;
    state = state * 1664525u + 1013904223u;
    return limit ? (state >> 8) % limit : 0;
}

static void name_of(char *name, size_t room, int round)
{
    snprintf(name, room, "Local\\storm-%d", round);
}

/* Uses what it inherited and takes things out of its parent, until it is killed. */
static int child(char **words)
{
    HANDLE event = (HANDLE)(ULONG_PTR)strtoul(words[1], NULL, 10);
    HANDLE parent = OpenProcess(PROCESS_DUP_HANDLE, FALSE, (DWORD)strtoul(words[0], NULL, 10));
    while (parent != NULL) {
        HANDLE copy = NULL, there = NULL;
        SetEvent(event);
        if (DuplicateHandle(parent, event, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS))
            CloseHandle(copy);
        if (DuplicateHandle(GetCurrentProcess(), event, parent, &there, 0, FALSE, DUPLICATE_SAME_ACCESS))
            DuplicateHandle(parent, there, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE);
    }
    return 1;
}

int main(int argc, char **argv)
{
    int rounds, bad = 0, delivered = 0;
    if (argc == 4 && strcmp(argv[1], "child") == 0)
        return child(argv + 2);
    rounds = atoi(argv[1]);
    random_below(0);
    for (int skip = atoi(argv[2]); skip > 0; skip--)
        random_below(2);
    for (int round = 0; round < rounds; round++) {
        char name[64], other[80], line[128];
        STARTUPINFOA startup;
        PROCESS_INFORMATION started;
        HANDLE event, given, copy;
        name_of(name, sizeof(name), round);
        snprintf(other, sizeof(other), "%s-given", name);
        event = CreateEventA(NULL, FALSE, FALSE, name);
        SetHandleInformation(event, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
        memset(&startup, 0, sizeof(startup));
        startup.cb = sizeof(startup);
        snprintf(line, sizeof(line), "storm child %u %u", (unsigned)GetCurrentProcessId(), (unsigned)(ULONG_PTR)event);
        if (!CreateProcessA(argv[0], line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &started)) {
            printf("CreateProcess: error %u\n", (unsigned)GetLastError());
            return 1;
        }
        given = CreateEventA(NULL, FALSE, FALSE, other);
        for (int count = random_below(4); count > 0; count--)
            delivered += DuplicateHandle(GetCurrentProcess(), given, started.hProcess, &copy, 0, FALSE,
                                         DUPLICATE_SAME_ACCESS);
        CloseHandle(given);
        if (random_below(2) && WaitForSingleObject(event, 20000) != WAIT_OBJECT_0)
            bad++;
        usleep(random_below(3000));
        if (random_below(2))
            kill((pid_t)started.dwProcessId, SIGKILL);
        else
            TerminateProcess(started.hProcess, 9);
        if (WaitForSingleObject(started.hProcess, 20000) != WAIT_OBJECT_0)
            bad++;
        CloseHandle(started.hProcess);
        CloseHandle(started.hThread);
        CloseHandle(event);
    }
    /* What a killed child asked for may still be under way. */
    for (int left = 1, tries = 0; left && tries < 100; tries++) {
        left = 0;
        for (int round = 0; round < rounds; round++) {
            char name[64], other[80];
            HANDLE found;
            name_of(name, sizeof(name), round);
            snprintf(other, sizeof(other), "%s-given", name);
            /* A handle that a child put in here and did not take back is ours. */
            found = OpenEventA(SYNCHRONIZE, FALSE, other);
            left += found != NULL;
            CloseHandle(found);
        }
        if (left && tries == 99)
            bad++;
        if (left)
            usleep(20000);
    }
    printf("%d bad, some delivered %d, remains %d\n", bad, delivered > 0, waitpid(-1, NULL, WNOHANG) > 0);
    return 0;
}
