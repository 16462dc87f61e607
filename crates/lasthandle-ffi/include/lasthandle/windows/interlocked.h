/* Atomic operations on shared variables. As in Windows, each is a full barrier. */
#ifndef LASTHANDLE_WINDOWS_INTERLOCKED_H
#define LASTHANDLE_WINDOWS_INTERLOCKED_H

#include "types.h"

#define MemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)

#if defined(__x86_64__) || defined(__i386__)
#define YieldProcessor() __builtin_ia32_pause()
#else
#define YieldProcessor() __asm__ __volatile__("" ::: "memory")
#endif

static inline LONG InterlockedIncrement(LONG volatile *at) { return __sync_add_and_fetch(at, 1); }
static inline LONG InterlockedDecrement(LONG volatile *at) { return __sync_sub_and_fetch(at, 1); }
static inline LONG InterlockedExchangeAdd(LONG volatile *at, LONG by) { return __sync_fetch_and_add(at, by); }
static inline LONG InterlockedAnd(LONG volatile *at, LONG with) { return __sync_fetch_and_and(at, with); }
static inline LONG InterlockedOr(LONG volatile *at, LONG with) { return __sync_fetch_and_or(at, with); }
static inline LONG InterlockedXor(LONG volatile *at, LONG with) { return __sync_fetch_and_xor(at, with); }

static inline LONG InterlockedExchange(LONG volatile *at, LONG with)
{
    return __atomic_exchange_n(at, with, __ATOMIC_SEQ_CST);
}

static inline LONG InterlockedCompareExchange(LONG volatile *at, LONG with, LONG expected)
{
    return __sync_val_compare_and_swap(at, expected, with);
}

static inline LONG64 InterlockedIncrement64(LONG64 volatile *at) { return __sync_add_and_fetch(at, 1); }
static inline LONG64 InterlockedDecrement64(LONG64 volatile *at) { return __sync_sub_and_fetch(at, 1); }
static inline LONG64 InterlockedExchangeAdd64(LONG64 volatile *at, LONG64 by) { return __sync_fetch_and_add(at, by); }

static inline LONG64 InterlockedExchange64(LONG64 volatile *at, LONG64 with)
{
    return __atomic_exchange_n(at, with, __ATOMIC_SEQ_CST);
}

static inline LONG64 InterlockedCompareExchange64(LONG64 volatile *at, LONG64 with, LONG64 expected)
{
    return __sync_val_compare_and_swap(at, expected, with);
}

static inline PVOID InterlockedExchangePointer(PVOID volatile *at, PVOID with)
{
    return __atomic_exchange_n(at, with, __ATOMIC_SEQ_CST);
}

static inline PVOID InterlockedCompareExchangePointer(PVOID volatile *at, PVOID with, PVOID expected)
{
    return __sync_val_compare_and_swap(at, expected, with);
}

#endif
