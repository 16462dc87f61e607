// Codes of calls, as Marshal.GetLastWin32Error tells them: of successes, failures, and calls between.
using System;
using System.Runtime.InteropServices;

static class Errors
{
    [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
    static extern IntPtr CreateMutex(IntPtr attributes, bool owned, string name);

    [DllImport("Kernel32.dll", SetLastError = true, CharSet = CharSet.Auto)]
    static extern IntPtr OpenMutex(uint access, bool inherit, string name);

    [DllImport("kernel32.dll", SetLastError = true)]
    static extern IntPtr OpenEvent(uint access, bool inherit, string name);

    [DllImport("kernel32", SetLastError = true)]
    static extern IntPtr CreateSemaphore(IntPtr attributes, int initial, int maximum, string name);

    [DllImport("kernel32.dll", SetLastError = true)]
    static extern bool ReleaseSemaphore(IntPtr handle, int count, ref int previous);

    [DllImport("kernel32.dll", SetLastError = true)]
    static extern bool ReleaseMutex(IntPtr handle);

    [DllImport("kernel32.dll", SetLastError = true)]
    static extern bool SetEvent(IntPtr handle);

    [DllImport("kernel32.dll", SetLastError = true)]
    static extern uint WaitForSingleObject(IntPtr handle, uint milliseconds);

    [DllImport("kernel32.dll", SetLastError = true)]
    static extern bool UnmapViewOfFile(IntPtr address);

    [DllImport("kernel32.dll", SetLastError = true)]
    static extern bool CloseHandle(IntPtr handle);

    [DllImport("kernel32.dll")] // and no SetLastError: what was stored stays
    static extern uint GetCurrentProcessId();

    static int Code { get { return Marshal.GetLastWin32Error(); } }

    static void Main()
    {
        const string name = "Local\\Gr\u00FC\u00DFe";
        CreateMutex(IntPtr.Zero, false, name);
        Console.WriteLine("fresh {0}", Code);
        IntPtr again = CreateMutex(IntPtr.Zero, true, name);
        Console.WriteLine("again {0}", Code);
        Console.WriteLine("wait {0}", WaitForSingleObject(again, 0));
        IntPtr empty = CreateSemaphore(IntPtr.Zero, 0, 1, null);
        CreateMutex(IntPtr.Zero, true, name);
        uint timeout = WaitForSingleObject(empty, 1);
        Console.WriteLine("timeout {0} {1}", timeout, Code);
        OpenMutex(0x1F0001, false, "Local\\missing");
        Console.WriteLine("not there {0}", Code);
        OpenEvent(2, false, name);
        Console.WriteLine("other kind {0}", Code);
        OpenMutex(0, false, name);
        Console.WriteLine("no access {0}", Code);
        int before = 77;
        ReleaseSemaphore(empty, 2, ref before);
        Console.WriteLine("too many {0} {1}", Code, before);
        ReleaseMutex(again);
        ReleaseMutex(again);
        Console.WriteLine("not ours {0}", Code);
        CloseHandle(again);
        CloseHandle(again);
        Console.WriteLine("closed {0}", Code);
        uint failed = WaitForSingleObject((IntPtr)0x1234, 0);
        Console.WriteLine("forged {0} {1}", failed, Code);
        UnmapViewOfFile((IntPtr)0x10000);
        GetCurrentProcessId();
        Console.WriteLine("view {0}", Code);
    }
}
