// Puts numbers into a queue for the consumer.
//
//     producer COUNT
#include "queue.h"

int main(int argc, char **argv)
{
    LONG count = argc > 1 ? atoi(argv[1]) : 100;
    QUEUE_HANDLES it;
    HANDLE both[2];

    queue_open(&it);
    both[0] = it.places_free;
    both[1] = it.lock;
    printf("producing\n");
    fflush(stdout);
    // A 0 says that there will be no more.
    for (LONG number = count; number >= 0; number--)
    {
        // A free place and the lock, at one instant: none is held while waiting for the other.
        if (WaitForMultipleObjects(2, both, TRUE, 30000) != WAIT_OBJECT_0)
        {
            printf("no free place came: %u\n", (unsigned)GetLastError());
            return 1;
        }
        it.queue->places[it.queue->next] = number;
        it.queue->next = (it.queue->next + 1) % QUEUE_PLACES;
        ReleaseMutex(it.lock);
        ReleaseSemaphore(it.places_full, 1, NULL);
    }

    // The queue lives as long as somebody has it: wait until the consumer took everything.
    for (LONG taken = 0; taken < QUEUE_PLACES; taken++)
        if (WaitForSingleObject(it.places_free, 30000) != WAIT_OBJECT_0)
        {
            printf("the consumer does not take: %u\n", (unsigned)GetLastError());
            return 1;
        }
    printf("produced %d\n", (int)count);
    queue_close(&it);
    return 0;
}
