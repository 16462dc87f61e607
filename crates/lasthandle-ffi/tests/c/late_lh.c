/* Functions that fail in the destructor of a thread's value and in a handler of exit, when the thread's messages are
 * gone. */
#include <lasthandle.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_key_t key;

static void fail(const char *where)
{
    unsigned code = lh_event_set(NULL);
    printf("%s: %u, %s\n", where, code, lh_error_message() != NULL ? "a message" : "no message");
    fflush(stdout);
}

static void of_value(void *value)
{
    (void)value;
    fail("value of a thread");
}

static void at_exit(void)
{
    fail("handler of exit");
}

static void *thread(void *unused)
{
    (void)unused;
    pthread_setspecific(key, &key);
    fail("thread");
    return NULL;
}

int main(void)
{
    pthread_t one;
    pthread_key_create(&key, of_value);
    pthread_create(&one, NULL, thread, NULL);
    pthread_join(one, NULL);
    fail("main");
    atexit(at_exit);
    return 0;
}
