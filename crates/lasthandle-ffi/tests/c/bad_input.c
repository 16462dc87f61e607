/* Nothing that a program hands to the calls may crash it: null everywhere, closed and forged handles, wrong kinds. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

static unsigned long long state = 88172645463325252ull;

static unsigned long long next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static HANDLE closed;

static HANDLE forged(void)
{
    switch (next() % 4) {
    case 0:
        return NULL;
    case 1:
        return closed;
    case 2:
        return (HANDLE)(ULONG_PTR)(next() % 0x1000000 | 3);
    default:
        return (HANDLE)(ULONG_PTR)(next() >> (next() % 64));
    }
}

/* Counts the calls that say they succeeded. */
static int round_of_calls(HANDLE handle)
{
    HANDLE several[2], copy = NULL;
    DWORD flags = 0;
    int good = 0;
    several[0] = several[1] = handle;
    good += SetEvent(handle) + ResetEvent(handle) + PulseEvent(handle) + ReleaseMutex(handle);
    good += ReleaseSemaphore(handle, 1, NULL) + SetWaitableTimer(handle, NULL, 0, NULL, NULL, FALSE);
    good += CancelWaitableTimer(handle) + GetHandleInformation(handle, &flags) + GetHandleInformation(handle, NULL);
    good += SetHandleInformation(handle, 3, 0) + (MapViewOfFile(handle, FILE_MAP_READ, 0, 0, 0) != NULL);
    good += MapViewOfFileEx(handle, 4, 0xFFFFFFFF, 0xFFFF0000, (SIZE_T)-1, (LPVOID)0x10000) != NULL;
    good += DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &copy, 0, FALSE, 2);
    good += DuplicateHandle(handle, handle, handle, NULL, 0, FALSE, 0xFFFFFFFF);
    good += WaitForSingleObject(handle, 0) != WAIT_FAILED;
    good += WaitForMultipleObjects(2, several, FALSE, 0) != WAIT_FAILED;
    good += WaitForMultipleObjects(2, several, TRUE, 0) != WAIT_FAILED;
    good += WaitForMultipleObjects((DWORD)next(), NULL, TRUE, 0) != WAIT_FAILED;
    good += SignalObjectAndWait(handle, handle, 0, FALSE) != WAIT_FAILED;
    good += CreateFileMappingA(handle, NULL, PAGE_READONLY, 0, 0, NULL) != NULL;
    good += UnmapViewOfFile(handle) + FlushViewOfFile(handle, 7) + (VirtualQuery(handle, NULL, 48) != 0);
    good += CloseHandle(handle);
    return good;
}

/* How many descriptors this process has open, and how much is mapped that is no program. */
static int descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

static int mappings_of_ours(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096];
    int count = 0;
    while (fgets(line, sizeof line, maps) != NULL)
        count += strstr(line, "/memfd:") != NULL || strstr(line, "/dev/shm/") != NULL;
    fclose(maps);
    return count;
}

int main(void)
{
    static const char *names[] = {"", "\\", "Local\\", "Global\\", "a\\b", "\xFF\xFE\xC0", "Local\\\\", NULL};
    HANDLE mine = CreateEventA(NULL, FALSE, FALSE, NULL);
    int good = 0, open, mapped;

    closed = CreateEventA(NULL, FALSE, FALSE, NULL);
    CloseHandle(closed);
    open = descriptors();
    mapped = mappings_of_ours();
    for (int round = 0; round < 20000; round++) {
        HANDLE handle = forged();
        /* Those two mean this process and thread, and some calls take them. */
        if (handle == GetCurrentProcess() || handle == GetCurrentThread())
            continue;
        if (((ULONG_PTR)handle | 3) == ((ULONG_PTR)mine | 3))
            continue;
        good += round_of_calls(handle);
    }
    printf("forged handles: %d calls succeeded\n", good);

    good = 0;
    for (int index = 0; index < 8; index++) {
        good += OpenEventA(EVENT_ALL_ACCESS, FALSE, names[index]) != NULL;
        good += OpenMutexA(MUTEX_ALL_ACCESS, FALSE, names[index]) != NULL;
        good += OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, names[index]) != NULL;
        good += OpenWaitableTimerA(TIMER_ALL_ACCESS, FALSE, names[index]) != NULL;
        good += OpenFileMappingA(FILE_MAP_READ, FALSE, names[index]) != NULL;
    }
    good += OpenEventW(EVENT_ALL_ACCESS, FALSE, NULL) != NULL;
    for (int bit = 0; bit < 32; bit++) {
        DWORD flags = (DWORD)1 << bit;
        if (bit > 1)
            good += CreateEventExA(NULL, NULL, flags, EVENT_ALL_ACCESS) != NULL;
        if (bit > 0)
            good += CreateMutexExA(NULL, NULL, flags, MUTEX_ALL_ACCESS) != NULL;
        good += CreateSemaphoreExA(NULL, 0, 1, NULL, flags, SEMAPHORE_ALL_ACCESS) != NULL;
        good += CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, flags | flags >> 1, 0, 4096, NULL) != NULL;
        if (bit > 14) /* more than any machine has */
            good += CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, flags, 1, NULL) != NULL;
    }
    printf("names and flags: %d calls succeeded\n", good);
    good = SetEvent(mine);
    printf("left open: %d %d\n", descriptors() - open, mappings_of_ours() - mapped);
    printf("the good handle: %d %u\n", good, (unsigned)WaitForSingleObject(mine, 0));
    return 0;
}
