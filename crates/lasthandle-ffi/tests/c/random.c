/* Threads that make random calls on handles that they share, some of which another has closed, or that were never any.
 * Nothing crashes or hangs, and when all is closed nothing is left open.
 *
 *   random SEED CALLS
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

#define THREADS 4
#define HANDLES 24
#define VIEWS 8

static HANDLE volatile handles[HANDLES];
static void *volatile views[VIEWS];
static int calls;

static unsigned next(unsigned long long *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (unsigned)(*state >> 20);
}

static HANDLE create(unsigned random)
{
    static const char *names[] = {NULL, "Local\\a", "Local\\b", "Local\\c", "Global\\a", "bad\\name"};
    const char *name = names[random / 8 % 6];
    switch (random % 8) {
    case 0:
        return CreateEventA(NULL, random >> 10 & 1, random >> 11 & 1, name);
    case 1:
        return CreateMutexA(NULL, FALSE, name);
    case 2:
        return CreateSemaphoreA(NULL, random >> 10 & 3, 3, name);
    case 3:
        return CreateWaitableTimerA(NULL, random >> 10 & 1, name);
    case 4:
        return CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, random % 100000, name);
    case 5:
        return OpenEventA(SYNCHRONIZE, FALSE, name);
    case 6:
        return OpenFileMappingA(FILE_MAP_READ, FALSE, name);
    default:
        return OpenSemaphoreA(SEMAPHORE_ALL_ACCESS, FALSE, name);
    }
}

/* Takes a place's handle away, and closes it unless somebody forged or closed it. */
static void replace(HANDLE volatile *place, HANDLE with)
{
    HANDLE old = __atomic_exchange_n(place, with, __ATOMIC_SEQ_CST);
    if (old != NULL)
        CloseHandle(old);
}

static void release(void *view)
{
    if (view != NULL && !UnmapViewOfFile(view))
        printf("a view was gone: %u\n", (unsigned)GetLastError());
}

static void one_call(unsigned long long *state)
{
    unsigned random = next(state), how = next(state);
    HANDLE volatile *place = &handles[random % HANDLES];
    HANDLE handle = *place, several[4], copy;
    LARGE_INTEGER due;
    DWORD wait = how & 3, waited = WAIT_FAILED, flags;
    for (int index = 0; index < 4; index++)
        several[index] = handles[next(state) % HANDLES];
    due.QuadPart = -(LONGLONG)(how % 20000);
    switch (how / 8 % 20) {
    case 0:
    case 1:
        replace(place, create(next(state)));
        break;
    case 2:
        replace(place, NULL);
        break;
    case 3:
        SetEvent(handle);
        break;
    case 4:
        ResetEvent(handle);
        break;
    case 5:
        PulseEvent(handle);
        break;
    case 6:
        ReleaseSemaphore(handle, (LONG)(how % 5) - 1, NULL);
        break;
    case 7:
        SetWaitableTimer(handle, &due, (LONG)(how % 3) - 1, NULL, NULL, FALSE);
        break;
    case 8:
        CancelWaitableTimer(handle);
        break;
    case 9:
    case 10:
        waited = WaitForSingleObject(handle, wait);
        break;
    case 11:
    case 12:
        waited = WaitForMultipleObjects(1 + how % 4, several, how >> 8 & 1, wait);
        break;
    case 13:
        waited = SignalObjectAndWait(handle, several[0], wait, FALSE);
        break;
    case 14:
        if (DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &copy, 0, how & 1, DUPLICATE_SAME_ACCESS))
            replace(&handles[next(state) % HANDLES], copy);
        break;
    case 15:
        GetHandleInformation(handle, &flags);
        SetHandleInformation(handle, HANDLE_FLAG_INHERIT, how);
        break;
    case 16:
    case 17:
    case 18:
        for (int index = 0; index < 4; index++) {
            void *view = MapViewOfFile(several[index], how & 1 ? FILE_MAP_WRITE : FILE_MAP_COPY, 0, 0, 0);
            release(__atomic_exchange_n(&views[how >> 1 & 7], view, __ATOMIC_SEQ_CST));
        }
        break;
    default:
        WaitForSingleObject((HANDLE)(ULONG_PTR)(how & 0xFFFFFF), 0);
    }
    /* Mutexes are given back, by whatever wait they were taken. */
    if (waited < MAXIMUM_WAIT_OBJECTS || waited - WAIT_ABANDONED_0 < MAXIMUM_WAIT_OBJECTS) {
        while (ReleaseMutex(handle))
            ;
        for (int index = 0; index < 4; index++)
            while (ReleaseMutex(several[index]))
                ;
    }
}

static void *run(void *seed)
{
    unsigned long long state = (ULONG_PTR)seed * 0x9E3779B97F4A7C15ull | 1;
    for (int call = 0; call < calls; call++)
        one_call(&state);
    return NULL;
}

/* Objects and views that are still mapped. By what it watches owners of mutexes stays, and is
 * read-only. */
static int mapped(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096];
    int count = 0;
    while (fgets(line, sizeof line, maps) != NULL)
        count += strstr(line, "/memfd:") != NULL || (strstr(line, " rw-") != NULL && strstr(line, "/dev/shm/") != NULL);
    fclose(maps);
    return count;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    if (argc < 3)
        return 2;
    calls = atoi(argv[2]);
    for (int index = 0; index < THREADS; index++)
        pthread_create(&threads[index], NULL, run, (void *)(ULONG_PTR)(atoi(argv[1]) * THREADS + index + 1));
    for (int index = 0; index < THREADS; index++)
        pthread_join(threads[index], NULL);
    for (int index = 0; index < HANDLES; index++)
        replace(&handles[index], NULL);
    for (int index = 0; index < VIEWS; index++)
        release(views[index]);
    for (const char *const *name = (const char *const[]){"Local\\a", "Local\\b", "Local\\c", "Global\\a", NULL}; *name; name++)
        if (OpenFileMappingA(FILE_MAP_READ, FALSE, *name) || GetLastError() != ERROR_FILE_NOT_FOUND)
            printf("%s is left: %u\n", *name, (unsigned)GetLastError());
    printf("left mapped: %d\n", mapped());
    return 0;
}
