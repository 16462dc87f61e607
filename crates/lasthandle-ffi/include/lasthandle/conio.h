/* The console's keys: what of Windows' <conio.h> programs use to wait for one. */
#ifndef LASTHANDLE_CONIO_H
#define LASTHANDLE_CONIO_H

#include <poll.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

/* Waits for a key and does not show it; at a terminal, without Enter. Where the input is no terminal, its next byte;
 * EOF at its end. */
static inline int _getch(void)
{
    struct termios before, keys;
    int terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    fflush(stdout);
    if (terminal) {
        keys = before;
        keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
        keys.c_cc[VMIN] = 1;
        keys.c_cc[VTIME] = 0;
        tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    }
    int key = getchar();
    if (terminal)
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
    return key;
}

/* The same, and shows it. */
static inline int _getche(void)
{
    int key = _getch();
    if (key != EOF)
        putchar(key);
    return key;
}

/* Whether there is something to read: at a terminal that has been given Enter, or before a `_getch`. */
static inline int _kbhit(void)
{
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    return poll(&input, 1, 0) > 0;
}

#endif
