// Receives what broadcast_sender sends to all, and prints it, until nobody sends any more; then looks at the newest value.
// The same on Linux and Windows.
#include <lasthandle.h>
#include <stdio.h>

static int failed(const char *what)
{
    printf("%s: %s\n", what, lh_error_message());
    return 1;
}

int main(void)
{
    lh_broadcast *end = NULL;
    lh_latest *newest = NULL;
    char text[100];
    size_t length;
    uint64_t version;
    uint32_t code;

    if (lh_broadcast_receiver_create("Local\\SampleBroadcast", NULL, &end) != 0)
        return failed("cannot receive");
    if (lh_latest_reader_create("Local\\SampleNewest", NULL, &newest) != 0)
        return failed("cannot read");
    printf("waiting\n");
    fflush(stdout);

    while ((code = lh_broadcast_receive(end, text, sizeof text, &length, LH_FOREVER)) == 0)
        printf("%.*s\n", (int)length, text);
    if (code != 109) // ERROR_BROKEN_PIPE
        return failed("cannot go on");
    // The value stays as long as anybody has it open.
    if (lh_latest_read(newest, text, sizeof text, &length, &version) != 0)
        return failed("no value");
    printf("the sender has gone; it sent %d messages, and the last was %.*s\n", (int)version, (int)length, text);
    lh_latest_close(newest);
    lh_broadcast_close(end);
    return 0;
}
