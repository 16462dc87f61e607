// A display of telemetry: may only read, waits for each frame and says so if none comes.
#include <stdio.h>
#include <tchar.h>
#include "telemetry.h"

// Copies a frame that the writer did not touch meanwhile.
static void snapshot(const TELEMETRY *shared, TELEMETRY *frame)
{
    LONG before;
    do
    {
        before = shared->sequence;
        MemoryBarrier();
        frame->speed = shared->speed;
        frame->rpm = shared->rpm;
        frame->gear = shared->gear;
        frame->running = shared->running;
        MemoryBarrier();
    } while (before % 2 != 0 || before != shared->sequence);
    frame->sequence = before;
}

int _tmain()
{
    HANDLE map, updated;
    const TELEMETRY *shared;
    TELEMETRY frame;
    LONG last = -1, seen = 0;

    map = OpenFileMapping(FILE_MAP_READ, FALSE, TELEMETRY_MAP);
    if (map == NULL)
    {
        _tprintf(TEXT("Nobody publishes: %u\n"), (unsigned)GetLastError());
        return 1;
    }
    updated = OpenEvent(SYNCHRONIZE, FALSE, TELEMETRY_EVENT);
    if (updated == NULL)
    {
        _tprintf(TEXT("OpenEvent failed: %u\n"), (unsigned)GetLastError());
        CloseHandle(map);
        return 1;
    }
    if (MapViewOfFile(map, FILE_MAP_WRITE, 0, 0, 0) == NULL)
        _tprintf(TEXT("read-only: %u\n"), (unsigned)GetLastError());
    shared = (const TELEMETRY *)MapViewOfFile(map, FILE_MAP_READ, 0, 0, sizeof(TELEMETRY));
    if (shared == NULL)
    {
        _tprintf(TEXT("MapViewOfFile failed: %u\n"), (unsigned)GetLastError());
        return 1;
    }

    do
    {
        DWORD waited = WaitForSingleObject(updated, 2000);
        if (waited == WAIT_TIMEOUT)
        {
            _tprintf(TEXT("no news for two seconds\n"));
            break;
        }
        if (waited != WAIT_OBJECT_0)
        {
            _tprintf(TEXT("the wait failed: %u\n"), (unsigned)GetLastError());
            return 1;
        }
        snapshot(shared, &frame);
        if (frame.sequence < last)
            _tprintf(TEXT("a frame came back\n"));
        last = frame.sequence;
        seen++;
    } while (frame.running);

    if (seen > 0)
        _tprintf(TEXT("last: %.1f m/s, %.0f rpm, gear %d, running %d\n"), frame.speed, frame.rpm, (int)frame.gear,
                 (int)frame.running);
    UnmapViewOfFile(shared);
    CloseHandle(updated);
    CloseHandle(map);
    return 0;
}
