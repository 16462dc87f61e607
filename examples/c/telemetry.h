// What the writer of telemetry and its readers agree on.
#ifndef TELEMETRY_H
#define TELEMETRY_H

#include <windows.h>

#define TELEMETRY_MAP TEXT("Local\\SampleTelemetry")
#define TELEMETRY_EVENT TEXT("Local\\SampleTelemetryUpdated")

typedef struct
{
    volatile LONG sequence; // odd while the writer writes
    float speed;            // metres per second
    float rpm;
    LONG gear;
    LONG running;           // 0 in the last frame
} TELEMETRY;

#endif
