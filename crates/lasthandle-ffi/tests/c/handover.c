/* Two processes that hand a number back and forth: shared memory, and an event for each direction.
 *
 *   handover first N | handover second N
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static HANDLE event(const char *name)
{
    /* Whoever comes first creates it. */
    HANDLE handle = CreateEventA(NULL, FALSE, FALSE, name);
    if (handle == NULL)
        exit(2);
    return handle;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    int first = argv[1][0] == 'f';
    int rounds = atoi(argv[2]);
    HANDLE mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(LONG), "Local\\Number");
    volatile LONG *number = (volatile LONG *)MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    if (number == NULL)
        return 2;
    HANDLE ping = event("Local\\Ping"), pong = event("Local\\Pong");
    for (int round = 0; round < rounds; round++) {
        DWORD waited;
        if (first) {
            *number += 1;
            waited = SignalObjectAndWait(ping, pong, 30000, FALSE);
        } else {
            waited = WaitForSingleObject(ping, 30000);
            *number += 1;
            SetEvent(pong);
        }
        if (waited != WAIT_OBJECT_0) {
            printf("round %d: %u\n", round, (unsigned)waited);
            return 1;
        }
        if (first && *number != 2 * (round + 1)) {
            printf("round %d: %d\n", round, (int)*number);
            return 1;
        }
    }
    printf("done %d\n", rounds);
    UnmapViewOfFile((LPCVOID)number);
    CloseHandle(mapping);
    CloseHandle(ping);
    CloseHandle(pong);
    return 0;
}
