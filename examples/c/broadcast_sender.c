// Sends its arguments to all broadcast_receivers, and keeps the newest where anybody may look at it. The same on Linux and
// Windows.
#include <lasthandle.h>
#include <stdio.h>
#include <string.h>

static int failed(const char *what)
{
    printf("%s: %s\n", what, lh_error_message());
    return 1;
}

int main(int argc, char **argv)
{
    lh_broadcast *end = NULL;
    lh_latest *newest = NULL;
    size_t receivers = 0;
    int index;

    if (lh_broadcast_sender_create("Local\\SampleBroadcast", NULL, &end) != 0)
        return failed("cannot send");
    if (lh_latest_writer_create("Local\\SampleNewest", NULL, &newest) != 0)
        return failed("cannot write");
    for (index = 1; index < argc; index++)
    {
        // Never waits, whoever reads.
        if (lh_latest_write(newest, argv[index], strlen(argv[index]), NULL) != 0)
            return failed("not written");
        // Waits for the slowest receiver that lives.
        if (lh_broadcast_send(end, argv[index], strlen(argv[index]), LH_FOREVER) != 0)
            return failed("not sent");
    }
    lh_broadcast_receivers(end, &receivers);
    printf("sent to %d receivers\n", (int)receivers);
    lh_latest_close(newest);
    lh_broadcast_close(end);
    return 0;
}
