/* Calls from everything that runs after the program's own end, and after a thread's: handlers of exit, destructors of
 * the program, of threads' values, and (in C++) of thread_local and static objects. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <windows.h>

static HANDLE event, mutex;
static pthread_key_t key;
static int again;

static void use(const char *where)
{
    HANDLE fresh = CreateEventA(NULL, FALSE, FALSE, NULL);
    int good = fresh != NULL && SetEvent(fresh) && WaitForSingleObject(fresh, 0) == WAIT_OBJECT_0;
    good = good && WaitForSingleObject(mutex, 1000) == WAIT_OBJECT_0 && ReleaseMutex(mutex) && SetEvent(event);
    printf("%s: %d\n", where, good && CloseHandle(fresh) && !CloseHandle(fresh) && GetLastError() == ERROR_INVALID_HANDLE);
    fflush(stdout);
}

static void of_value(void *value)
{
    use("value of a thread");
    /* Once more, when other keys' destructors, and the library's own, have run. */
    if (again++ == 0)
        pthread_setspecific(key, value);
}

#ifdef __cplusplus
struct Uses {
    const char *where;
    Uses(const char *name) : where(name) { (void)GetLastError(); }
    ~Uses() { use(where); }
};
static thread_local Uses in_thread("thread_local object");
static Uses in_program("static object");
static void touch(void)
{
    in_thread.where = "thread_local object";
}
#else
static void touch(void)
{
}
#endif

static void *thread(void *unused)
{
    (void)unused;
    touch();
    pthread_setspecific(key, &key);
    use("thread");
    return NULL;
}

static void at_exit_first(void)
{
    use("handler of exit, registered before the first call");
}

static void at_exit_last(void)
{
    use("handler of exit");
}

__attribute__((destructor)) static void destructor(void)
{
    use("destructor of the program");
    printf("closed: %d %d\n", CloseHandle(event), CloseHandle(mutex));
    fflush(stdout);
}

static void *leaves(void *unused)
{
    (void)unused;
    exit(7); /* not in the main thread */
}

int main(void)
{
    pthread_t one;
    atexit(at_exit_first);
    event = CreateEventA(NULL, FALSE, FALSE, "Local\\exits");
    mutex = CreateMutexA(NULL, FALSE, "Local\\exits too");
    pthread_key_create(&key, of_value);
    pthread_create(&one, NULL, thread, NULL);
    pthread_join(one, NULL);
    atexit(at_exit_last);
    pthread_create(&one, NULL, leaves, NULL);
    pause();
    return 0;
}
