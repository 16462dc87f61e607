// Threads with handles of their own kind, while the collector runs: the last error is each thread's own, a SafeHandle is
// closed once and not while a call uses it, and what nobody refers to any more is closed by the collector.
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Microsoft.Win32.SafeHandles;

sealed class KernelHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    KernelHandle() : base(true) { }

    protected override bool ReleaseHandle() { return Threads.CloseHandle(handle); }
}

static class Threads
{
    [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
    static extern KernelHandle CreateEvent(IntPtr attributes, bool manual, bool initial, string name);

    [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
    static extern KernelHandle OpenEvent(uint access, bool inherit, string name);

    [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
    static extern KernelHandle CreateMutex(IntPtr attributes, bool owned, string name);

    [DllImport("kernel32.dll", SetLastError = true)]
    static extern bool SetEvent(KernelHandle handle);

    [DllImport("kernel32.dll", SetLastError = true)]
    static extern bool ReleaseMutex(KernelHandle handle);

    [DllImport("kernel32.dll", SetLastError = true)]
    static extern uint WaitForSingleObject(KernelHandle handle, uint milliseconds);

    [DllImport("kernel32.dll", SetLastError = true)]
    internal static extern bool CloseHandle(IntPtr handle);

    static int othersErrors, lost;

    // Half of the threads fail with 2, half with 288.
    static void Fail(int thread)
    {
        using (KernelHandle mutex = CreateMutex(IntPtr.Zero, false, null))
            for (int call = 0; call < 2000; call++)
            {
                KernelHandle missing = null;
                if (thread % 2 == 0)
                    missing = OpenEvent(2, false, "Local\\missing");
                else
                    ReleaseMutex(mutex);
                if (Marshal.GetLastWin32Error() != (thread % 2 == 0 ? 2 : 288))
                    Interlocked.Increment(ref othersErrors);
                if (missing != null)
                    missing.Dispose();
            }
    }

    static void Signal()
    {
        for (int round = 0; round < 500; round++)
        {
            KernelHandle handle = CreateEvent(IntPtr.Zero, false, false, null);
            ThreadPool.QueueUserWorkItem(delegate { SetEvent(handle); });
            if (WaitForSingleObject(handle, 30000) != 0)
                Interlocked.Increment(ref lost);
            if (round % 2 == 0)
                handle.Dispose(); // the others are the collector's
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Forget()
    {
        for (int index = 0; index < 100; index++)
            CreateEvent(IntPtr.Zero, false, false, "Local\\Forgotten" + index);
    }

    static int FirstMissing()
    {
        for (int index = 0; index < 100; index++)
            using (KernelHandle handle = OpenEvent(2, false, "Local\\Forgotten" + index))
                if (!handle.IsInvalid)
                    return 0;
        OpenEvent(2, false, "Local\\Forgotten0");
        return Marshal.GetLastWin32Error();
    }

    static void Main()
    {
        var threads = new List<Thread>();
        for (int index = 0; index < 4; index++)
        {
            int number = index;
            threads.Add(new Thread(delegate() { Fail(number); }));
            threads.Add(new Thread(Signal));
        }
        threads.ForEach(delegate(Thread thread) { thread.Start(); });
        while (threads.Exists(delegate(Thread thread) { return thread.IsAlive; }))
        {
            GC.Collect();
            Thread.Sleep(5);
        }
        Console.WriteLine("errors of others: {0}", othersErrors);
        Console.WriteLine("lost signals: {0}", lost);

        // On a thread of its own, so that nothing of it stays on this one's stack.
        var forgetting = new Thread(Forget);
        forgetting.Start();
        forgetting.Join();
        int left = 0;
        for (int attempt = 0; attempt < 100 && left != 2; attempt++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            left = FirstMissing();
        }
        Console.WriteLine("names after the collector: {0}", left);

        KernelHandle guard = CreateMutex(IntPtr.Zero, false, null);
        var owner = new Thread(delegate() { WaitForSingleObject(guard, 0); });
        owner.Start();
        owner.Join();
        Console.WriteLine("abandoned {0}", WaitForSingleObject(guard, 10000));
    }
}
