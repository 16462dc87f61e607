/* Atomic operations on variables that threads or processes share. As in Windows, each is a full barrier. */
#ifndef LASTHANDLE_WINDOWS_INTERLOCKED_H
#define LASTHANDLE_WINDOWS_INTERLOCKED_H

#include "types.h"

#define MemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)

#if defined(__x86_64__) || defined(__i386__)
#define YieldProcessor() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define YieldProcessor() __asm__ __volatile__("yield" ::: "memory")
#else
#define YieldProcessor() __asm__ __volatile__("" ::: "memory")
#endif

/* Those that return what was there before, but for Add, Increment and Decrement, which return what is there after. */
#define LASTHANDLE_INTERLOCKED(type, suffix)                                                                            \
    static inline type InterlockedExchange##suffix(type volatile *at, type with)                                         \
    {                                                                                                                    \
        return __atomic_exchange_n(at, with, __ATOMIC_SEQ_CST);                                                          \
    }                                                                                                                    \
    static inline type InterlockedCompareExchange##suffix(type volatile *at, type with, type expected)                   \
    {                                                                                                                    \
        return __sync_val_compare_and_swap(at, expected, with);                                                          \
    }                                                                                                                    \
    static inline type InterlockedExchangeAdd##suffix(type volatile *at, type by)                                        \
    {                                                                                                                    \
        return __atomic_fetch_add(at, by, __ATOMIC_SEQ_CST);                                                             \
    }                                                                                                                    \
    static inline type InterlockedAdd##suffix(type volatile *at, type by)                                                \
    {                                                                                                                    \
        return __atomic_add_fetch(at, by, __ATOMIC_SEQ_CST);                                                             \
    }                                                                                                                    \
    static inline type InterlockedIncrement##suffix(type volatile *at)                                                   \
    {                                                                                                                    \
        return __atomic_add_fetch(at, (type)1, __ATOMIC_SEQ_CST);                                                        \
    }                                                                                                                    \
    static inline type InterlockedDecrement##suffix(type volatile *at)                                                   \
    {                                                                                                                    \
        return __atomic_sub_fetch(at, (type)1, __ATOMIC_SEQ_CST);                                                        \
    }                                                                                                                    \
    static inline type InterlockedAnd##suffix(type volatile *at, type with)                                              \
    {                                                                                                                    \
        return __atomic_fetch_and(at, with, __ATOMIC_SEQ_CST);                                                           \
    }                                                                                                                    \
    static inline type InterlockedOr##suffix(type volatile *at, type with)                                               \
    {                                                                                                                    \
        return __atomic_fetch_or(at, with, __ATOMIC_SEQ_CST);                                                            \
    }                                                                                                                    \
    static inline type InterlockedXor##suffix(type volatile *at, type with)                                              \
    {                                                                                                                    \
        return __atomic_fetch_xor(at, with, __ATOMIC_SEQ_CST);                                                           \
    }

LASTHANDLE_INTERLOCKED(LONG, )
LASTHANDLE_INTERLOCKED(LONG64, 64)
LASTHANDLE_INTERLOCKED(SHORT, 16)
LASTHANDLE_INTERLOCKED(CHAR, 8)

static inline PVOID InterlockedExchangePointer(PVOID volatile *at, PVOID with)
{
    return __atomic_exchange_n(at, with, __ATOMIC_SEQ_CST);
}

static inline PVOID InterlockedCompareExchangePointer(PVOID volatile *at, PVOID with, PVOID expected)
{
    return __sync_val_compare_and_swap(at, expected, with);
}

/* Whether the bit was set before. */
static inline BYTE InterlockedBitTestAndSet(LONG volatile *at, LONG bit)
{
    LONG mask = (LONG)(1u << (bit & 31));
    return (__atomic_fetch_or(at, mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

static inline BYTE InterlockedBitTestAndReset(LONG volatile *at, LONG bit)
{
    LONG mask = (LONG)(1u << (bit & 31));
    return (__atomic_fetch_and(at, ~mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

#endif
