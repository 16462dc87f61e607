// A simulator that publishes its state: a mapping with the newest frame, and an auto-reset event that says there is one.
//
//     telemetry_writer FRAMES MILLISECONDS     frames to write, and the time between two
#include <stdio.h>
#include <tchar.h>
#include "telemetry.h"

static void publish(TELEMETRY *shared, LONG frame, LONG running)
{
    InterlockedIncrement(&shared->sequence);
    shared->speed = 0.5f * (float)frame;
    shared->rpm = 1000.0f + 10.0f * (float)frame;
    shared->gear = 1 + frame / 10;
    shared->running = running;
    InterlockedIncrement(&shared->sequence);
}

int _tmain(int argc, TCHAR *argv[])
{
    LONG frames = argc > 1 ? _ttoi(argv[1]) : 100;
    DWORD pause = argc > 2 ? (DWORD)_ttoi(argv[2]) : 16;
    HANDLE map, updated;
    TELEMETRY *shared;

    map = CreateFileMapping(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(TELEMETRY), TELEMETRY_MAP);
    if (map == NULL)
    {
        _tprintf(TEXT("CreateFileMapping failed: %u\n"), (unsigned)GetLastError());
        return 1;
    }
    if (GetLastError() == ERROR_ALREADY_EXISTS)
    {
        _tprintf(TEXT("Somebody publishes already.\n"));
        CloseHandle(map);
        return 1;
    }
    updated = CreateEvent(NULL, FALSE, FALSE, TELEMETRY_EVENT);
    shared = (TELEMETRY *)MapViewOfFile(map, FILE_MAP_WRITE, 0, 0, sizeof(TELEMETRY));
    if (updated == NULL || shared == NULL)
    {
        _tprintf(TEXT("No event or no view: %u\n"), (unsigned)GetLastError());
        return 1;
    }

    _tprintf(TEXT("publishing\n"));
    fflush(stdout);
    for (LONG frame = 1; frame <= frames; frame++)
    {
        publish(shared, frame, frame < frames);
        SetEvent(updated);
        Sleep(pause);
    }

    // The names end with us: whoever still reads has the last frame in its view.
    UnmapViewOfFile(shared);
    CloseHandle(updated);
    CloseHandle(map);
    return 0;
}
