/* Signal handlers that set events and release semaphores, in whatever call they interrupt: nothing hangs or crashes, and
 * each of their calls succeeds, or says that the object is busy with what was interrupted. (Calls that fail otherwise
 * take memory for what they could say, which a handler must not: so the semaphore has room enough.) */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include <windows.h>

static HANDLE event, semaphore;
static int signals, bad, stop;
static volatile unsigned last_bad;

static void handler(int number)
{
    int kept = errno;
    DWORD last = GetLastError();
    (void)number;
    if (!SetEvent(event) && GetLastError() != ERROR_BUSY) {
        last_bad = GetLastError();
        __atomic_add_fetch(&bad, 1, __ATOMIC_SEQ_CST);
    }
    if (!ReleaseSemaphore(semaphore, 1, NULL) && GetLastError() != ERROR_BUSY) {
        last_bad = GetLastError();
        __atomic_add_fetch(&bad, 1, __ATOMIC_SEQ_CST);
    }
    __atomic_add_fetch(&signals, 1, __ATOMIC_SEQ_CST);
    SetLastError(last);
    errno = kept;
}

static int all_calls(void)
{
    HANDLE mine = CreateEventA(NULL, FALSE, TRUE, NULL), named = CreateMutexA(NULL, TRUE, "Local\\interrupted"), copy;
    HANDLE mapping = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, NULL);
    HANDLE both[2] = {mine, event};
    void *view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    LARGE_INTEGER due;
    int good = mine && named && view;
    due.QuadPart = -1000;
    good &= WaitForSingleObject(mine, INFINITE) == WAIT_OBJECT_0;
    good &= SetEvent(mine) && WaitForMultipleObjects(2, both, FALSE, 1000) == WAIT_OBJECT_0;
    good &= SetEvent(mine) && WaitForMultipleObjects(2, both, TRUE, 0) != WAIT_FAILED;
    good &= WaitForSingleObject(event, 0) != WAIT_FAILED && ReleaseSemaphore(semaphore, 1, NULL);
    good &= WaitForSingleObject(semaphore, 0) != WAIT_FAILED;
    HANDLE timer = CreateWaitableTimerA(NULL, TRUE, NULL);
    good &= SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE) && WaitForSingleObject(timer, 2000) == WAIT_OBJECT_0;
    good &= DuplicateHandle(GetCurrentProcess(), mine, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    good &= WaitForSingleObject(named, 1000) != WAIT_FAILED && ReleaseMutex(named);
    while (ReleaseMutex(named))
        ;
    return good & UnmapViewOfFile(view) & CloseHandle(timer) & CloseHandle(copy) & CloseHandle(mapping)
        & CloseHandle(named) & CloseHandle(mine);
}

static void *calls(void *unused)
{
    if (!all_calls())
        __atomic_add_fetch(&bad, 1, __ATOMIC_SEQ_CST);
    return unused;
}

/* Each in a thread of its own, whose first call may be the interrupted one, or the handler's. */
static void *starter(void *unused)
{
    pthread_t thread;
    for (int round = 0; round < 100; round++) {
        pthread_create(&thread, NULL, calls, NULL);
        pthread_join(thread, NULL);
        calls(NULL);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
    return unused;
}

int main(void)
{
    struct sigaction action = {0};
    sigset_t mine;
    pthread_t worker;
    event = CreateEventA(NULL, FALSE, FALSE, NULL);
    semaphore = CreateSemaphoreA(NULL, 0, 0x7FFFFFFF, NULL);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART | SA_NODEFER; /* handlers interrupt handlers, too */
    sigaction(SIGUSR1, &action, NULL);
    pthread_create(&worker, NULL, starter, NULL);
    /* To the process: whichever thread runs gets it, but not this one. */
    sigemptyset(&mine);
    sigaddset(&mine, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &mine, NULL);
    while (!__atomic_load_n(&stop, __ATOMIC_SEQ_CST)) {
        kill(getpid(), SIGUSR1);
        usleep(50);
    }
    pthread_join(worker, NULL);
    if (bad)
        printf("bad %d, the last with %u\n", bad, last_bad);
    printf("%s\n", signals > 100 ? "done" : "hardly a signal came");
    return 0;
}
