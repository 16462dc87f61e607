/* A process with busy threads forks: its children's calls end, their handles are good, and they create and open objects
 * of their own. */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <windows.h>

static HANDLE shared, memory;
static volatile int stop;

static void *busy(void *unused)
{
    (void)unused;
    while (!stop) {
        HANDLE event = CreateEventA(NULL, FALSE, TRUE, NULL);
        HANDLE mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, NULL);
        void *view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
        SetEvent(shared);
        WaitForSingleObject(event, INFINITE);
        UnmapViewOfFile(view);
        CloseHandle(mapping);
        CloseHandle(event);
    }
    return NULL;
}

/* What the child makes is its own, whatever its parent's threads were in the middle of. */
static int creates(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, "forks-child"), again = OpenEventA(EVENT_ALL_ACCESS, FALSE, "forks-child");
    HANDLE mutex = CreateMutexA(NULL, TRUE, NULL);
    HANDLE mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, "forks-memory");
    char *view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    int good = event != NULL && SetEvent(event) && WaitForSingleObject(again, 0) == WAIT_OBJECT_0;
    good = good && WaitForSingleObject(mutex, 0) == WAIT_OBJECT_0 && ReleaseMutex(mutex) && CloseHandle(mutex);
    return good && view != NULL && UnmapViewOfFile(view) && CloseHandle(mapping) && CloseHandle(event) && CloseHandle(again);
}

static int child(void)
{
    HANDLE copy;
    void *view = MapViewOfFile(memory, FILE_MAP_WRITE, 0, 0, 0);
    int good = view != NULL && UnmapViewOfFile(view) && CloseHandle(memory);
    good = good && SetEvent(shared) && WaitForSingleObject(shared, 0) == WAIT_OBJECT_0;
    good = good && DuplicateHandle(GetCurrentProcess(), shared, GetCurrentProcess(), &copy, 0, FALSE, 2);
    return good && CloseHandle(copy) && CloseHandle(shared) && creates() ? 0 : 1;
}

int main(void)
{
    pthread_t threads[3];
    int bad = 0;
    shared = CreateEventA(NULL, TRUE, FALSE, NULL);
    memory = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, NULL);
    for (int index = 0; index < 3; index++)
        pthread_create(&threads[index], NULL, busy, NULL);
    for (int round = 0; round < 200; round++) {
        int status = 0;
        pid_t forked = fork();
        if (forked == 0)
            _exit(child());
        waitpid(forked, &status, 0);
        bad += status != 0;
    }
    stop = 1;
    for (int index = 0; index < 3; index++)
        pthread_join(threads[index], NULL);
    printf("%d bad\n", bad);
    return 0;
}
