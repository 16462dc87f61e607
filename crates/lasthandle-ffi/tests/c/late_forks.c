/* A program forks wherever it can: in the destructor of a thread's value, in a handler of exit, and ordinarily before. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <windows.h>

static HANDLE event;
static pthread_key_t key;

static void forks(const char *where)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(SetEvent(event) ? 0 : 1);
    waitpid(child, &status, 0);
    printf("%s: %d\n", where, status);
    fflush(stdout);
}

static void of_value(void *value)
{
    (void)value;
    forks("value of a thread");
}

static void at_exit(void)
{
    forks("handler of exit");
}

static void *thread(void *unused)
{
    (void)unused;
    pthread_setspecific(key, &key);
    forks("thread");
    return NULL;
}

int main(void)
{
    pthread_t one;
    event = CreateEventA(NULL, TRUE, FALSE, NULL);
    pthread_key_create(&key, of_value);
    pthread_create(&one, NULL, thread, NULL);
    pthread_join(one, NULL);
    forks("main");
    atexit(at_exit);
    return 0;
}
