// Takes the producer's numbers out of the queue, and adds them up.
#include "queue.h"

int main(void)
{
    QUEUE_HANDLES it;
    HANDLE both[2];
    LONGLONG sum = 0;
    LONG number, count = 0;

    queue_open(&it);
    both[0] = it.places_full;
    both[1] = it.lock;
    do
    {
        if (WaitForMultipleObjects(2, both, TRUE, 30000) != WAIT_OBJECT_0)
        {
            printf("no number came: %u\n", (unsigned)GetLastError());
            return 1;
        }
        number = it.queue->places[it.queue->first];
        it.queue->first = (it.queue->first + 1) % QUEUE_PLACES;
        ReleaseMutex(it.lock);
        ReleaseSemaphore(it.places_free, 1, NULL);
        sum += number;
        count += number != 0;
    } while (number != 0);
    printf("consumed %d, in all %.0f\n", (int)count, (double)sum);
    queue_close(&it);
    return 0;
}
