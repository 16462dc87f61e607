// The two processes of the documentation's page on named shared memory, by P/Invoke.
//
//   hello.exe server | client | codes
using System;
using System.Runtime.InteropServices;

static class Hello
{
    const uint PAGE_READWRITE = 4, FILE_MAP_ALL_ACCESS = 0xF001F, FILE_MAP_READ = 4;
    const int Size = 256;
    const string Name = "Local\\HelloWorld";
    static readonly IntPtr INVALID_HANDLE_VALUE = new IntPtr(-1);

    // The default character set on purpose: the narrow form is found by the name without its letter.
    [DllImport("Kernel32.dll", SetLastError = true)]
    static extern IntPtr CreateFileMapping(IntPtr file, IntPtr attributes, uint protect, uint high, uint low, string name);

    [DllImport("Kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
    static extern IntPtr OpenFileMapping(uint access, bool inherit, string name);

    [DllImport("Kernel32.dll", SetLastError = true)]
    static extern IntPtr MapViewOfFile(IntPtr mapping, uint access, uint high, uint low, UIntPtr length);

    [DllImport("kernel32.dll", SetLastError = true)]
    static extern bool UnmapViewOfFile(IntPtr address);

    [DllImport("kernel32.dll", SetLastError = true)]
    static extern bool CloseHandle(IntPtr handle);

    [DllImport("kernel32.dll", SetLastError = true, CharSet = CharSet.Unicode)]
    static extern IntPtr CreateMutex(IntPtr attributes, bool owned, string name);

    [DllImport("kernel32.dll", SetLastError = true)]
    static extern uint WaitForSingleObject(IntPtr handle, uint milliseconds);

    static int Failed(string what)
    {
        Console.WriteLine("{0}: error {1}", what, Marshal.GetLastWin32Error());
        return 1;
    }

    static int Server()
    {
        IntPtr mapping = CreateFileMapping(INVALID_HANDLE_VALUE, IntPtr.Zero, PAGE_READWRITE, 0, Size, Name);
        if (mapping == IntPtr.Zero)
            return Failed("CreateFileMapping");
        IntPtr view = MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, (UIntPtr)Size);
        if (view == IntPtr.Zero)
            return Failed("MapViewOfFile");
        char[] message = "Message from first process.\0".ToCharArray();
        Marshal.Copy(message, 0, view, message.Length);
        Console.WriteLine("ready");
        while (Console.In.Read() >= 0)
            ;
        UnmapViewOfFile(view);
        CloseHandle(mapping);
        return 0;
    }

    static int Client()
    {
        IntPtr mapping = OpenFileMapping(FILE_MAP_READ, false, Name);
        if (mapping == IntPtr.Zero)
            return Failed("OpenFileMapping");
        IntPtr view = MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, UIntPtr.Zero);
        if (view == IntPtr.Zero)
            return Failed("MapViewOfFile");
        Console.WriteLine(Marshal.PtrToStringUni(view));
        UnmapViewOfFile(view);
        CloseHandle(mapping);
        return 0;
    }

    static int Codes()
    {
        IntPtr first = CreateMutex(IntPtr.Zero, true, "Local\\Gr\u00FC\u00DFe");
        Console.WriteLine("fresh {0}", Marshal.GetLastWin32Error());
        IntPtr second = CreateMutex(IntPtr.Zero, true, "Local\\Gr\u00FC\u00DFe");
        Console.WriteLine("again {0}", Marshal.GetLastWin32Error());
        Console.WriteLine("wait {0}", WaitForSingleObject(second, 0));
        Console.WriteLine("close {0} {1}", CloseHandle(first), CloseHandle(second));
        Console.WriteLine("closed {0} {1}", CloseHandle(first), Marshal.GetLastWin32Error());
        Console.WriteLine("forged {0} {1}", WaitForSingleObject((IntPtr)0x1234, 0), Marshal.GetLastWin32Error());
        return 0;
    }

    static int Main(string[] arguments)
    {
        switch (arguments.Length > 0 ? arguments[0] : "")
        {
            case "server": return Server();
            case "client": return Client();
            case "codes": return Codes();
            default: return 2;
        }
    }
}
