// A queue of numbers in shared memory: two semaphores count its free and its full places, a mutex guards its ends.
#ifndef QUEUE_H
#define QUEUE_H

#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

#define QUEUE_PLACES 8

typedef struct
{
    LONG first, next;
    LONG places[QUEUE_PLACES];
} QUEUE;

typedef struct
{
    HANDLE map, lock, places_free, places_full;
    QUEUE *queue;
} QUEUE_HANDLES;

// Whoever comes first makes it.
static void queue_open(QUEUE_HANDLES *it)
{
    it->map = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(QUEUE), "Local\\SampleQueue");
    it->lock = CreateMutexA(NULL, FALSE, "Local\\SampleQueueLock");
    it->places_free = CreateSemaphoreA(NULL, QUEUE_PLACES, QUEUE_PLACES, "Local\\SampleQueueFree");
    it->places_full = CreateSemaphoreA(NULL, 0, QUEUE_PLACES, "Local\\SampleQueueFull");
    it->queue = it->map == NULL ? NULL : (QUEUE *)MapViewOfFile(it->map, FILE_MAP_ALL_ACCESS, 0, 0, sizeof(QUEUE));
    if (it->queue == NULL || it->lock == NULL || it->places_free == NULL || it->places_full == NULL)
    {
        printf("cannot open the queue: %u\n", (unsigned)GetLastError());
        exit(1);
    }
}

static void queue_close(QUEUE_HANDLES *it)
{
    UnmapViewOfFile(it->queue);
    CloseHandle(it->places_full);
    CloseHandle(it->places_free);
    CloseHandle(it->lock);
    CloseHandle(it->map);
}

#endif
