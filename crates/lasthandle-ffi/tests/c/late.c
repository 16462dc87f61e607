/* The library loaded late, by a program with threads and many other libraries, and given back to the loader again and
 * again while threads are in its calls, or have yet to end.
 *
 *   late LIBRARY OTHER...
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <windows.h>

#define ROUNDS 20
#define THREADS 3

static __typeof__(CreateEventA) *create;
static __typeof__(SetEvent) *set;
static __typeof__(WaitForSingleObject) *wait_for;
static __typeof__(CloseHandle) *close_handle;
static __typeof__(SetLastError) *set_error;
static __typeof__(GetLastError) *last_error;
static pthread_barrier_t begin, end;
static int bad;

static void *find(void *library, const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL)
        printf("%s\n", dlerror());
    return found;
}

static void *load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        printf("%s\n", dlerror());
        return NULL;
    }
    *(void **)&create = find(library, "CreateEventA");
    *(void **)&set = find(library, "SetEvent");
    *(void **)&wait_for = find(library, "WaitForSingleObject");
    *(void **)&close_handle = find(library, "CloseHandle");
    *(void **)&set_error = find(library, "SetLastError");
    *(void **)&last_error = find(library, "GetLastError");
    return library;
}

static void call(void)
{
    HANDLE event = create(NULL, FALSE, FALSE, NULL);
    int good = event != NULL && set(event) && wait_for(event, 0) == WAIT_OBJECT_0 && close_handle(event);
    set_error(1234);
    if (!good || last_error() != 1234 || set(event) || last_error() != ERROR_INVALID_HANDLE)
        __atomic_add_fetch(&bad, 1, __ATOMIC_SEQ_CST);
}

/* Started before the library is there. */
static void *old_thread(void *unused)
{
    for (int round = 0; round < ROUNDS; round++) {
        pthread_barrier_wait(&begin);
        for (int times = 0; times < 200; times++)
            call();
        pthread_barrier_wait(&end);
    }
    return unused;
}

static void *new_thread(void *unused)
{
    call();
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t old[THREADS], fresh;
    int others = 0;
    pthread_barrier_init(&begin, NULL, THREADS + 1);
    pthread_barrier_init(&end, NULL, THREADS + 1);
    for (int index = 0; index < THREADS; index++)
        pthread_create(&old[index], NULL, old_thread, NULL);
    for (int index = 2; index < argc; index++)
        others += dlopen(argv[index], RTLD_NOW | RTLD_LOCAL) != NULL;
    for (int round = 0; round < ROUNDS; round++) {
        void *library = load(argv[1]);
        if (library == NULL)
            return 1;
        pthread_create(&fresh, NULL, new_thread, NULL);
        pthread_barrier_wait(&begin);
        dlclose(library); /* while they call, and before they end */
        pthread_barrier_wait(&end);
        pthread_join(fresh, NULL);
        call();
    }
    for (int index = 0; index < THREADS; index++)
        pthread_join(old[index], NULL);
    printf("others %d, bad %d, still there: %d\n", others, bad, dlopen(argv[1], RTLD_NOW | RTLD_NOLOAD) != NULL);
    return 0;
}
