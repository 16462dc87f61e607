// VERB N on standard input: nanoseconds for one of N operations. The argument is a name that nobody else uses.
#include <boost/interprocess/anonymous_shared_memory.hpp>
#include <boost/interprocess/sync/interprocess_mutex.hpp>
#include <boost/interprocess/sync/interprocess_semaphore.hpp>
#include <boost/interprocess/sync/named_semaphore.hpp>
#include <cstdio>
#include <ctime>
#include <iostream>
#include <new>
#include <string>

using namespace boost::interprocess;

struct Objects {
    alignas(128) interprocess_mutex mutex;
    alignas(128) interprocess_semaphore semaphore{0};
};

// This thread's own time: nobody else is asked.
static double now()
{
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

template <class Operation> void measure(unsigned long long times, Operation operation)
{
    double start = now();
    for (unsigned long long i = 0; i < times; i++) operation();
    std::printf("%f\n", (now() - start) / static_cast<double>(times));
    std::fflush(stdout);
}

int main(int, char **arguments)
{
    const char *name = arguments[1];
    mapped_region memory(anonymous_shared_memory(sizeof(Objects)));
    auto *objects = new (memory.get_address()) Objects;
    std::string verb;
    unsigned long long times;
    while (std::cin >> verb >> times) {
        if (verb == "mutex") {
            measure(times, [&] { objects->mutex.lock(); objects->mutex.unlock(); });
        } else if (verb == "semaphore") {
            measure(times, [&] { objects->semaphore.post(); objects->semaphore.wait(); });
        } else if (verb == "create") {
            measure(times, [&] {
                { named_semaphore created(create_only, name, 0); }
                named_semaphore::remove(name);
            });
        } else if (verb == "open") {
            { named_semaphore created(create_only, name, 0); }
            measure(times, [&] { named_semaphore opened(open_only, name); });
            named_semaphore::remove(name);
        } else {
            return 1;
        }
    }
}
