using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MmuNotifier;
using MmuNotifier.IoUring;
using MmuNotifier.Linux;
using MmuNotifier.Registration;

const uint chunk = 65536;
using var watch = new LinuxMemoryWatch(new AddressSpace());
using FixedRing? ring = FixedRing.Create(out string? lack); // Or your own: only its descriptor is needed.
if (ring is null)
{
    Console.WriteLine(lack);
    return;
}

using var registry = new IoUringBufferRegistry(ring.Handle, watch);
ulong buffer = Memory.Map(0, chunk, 3, 0x22, -1, 0); // Private, anonymous.
string path = args.Length > 0 ? args[0] : Environment.ProcessPath!;
using var listener = new TcpListener(IPAddress.Loopback, 0);
listener.Start();
Task<byte[]> client = Download((IPEndPoint)listener.LocalEndpoint);
Serve();
byte[] received = await client;
Console.WriteLine($"as the file: {received.AsSpan().SequenceEqual(File.ReadAllBytes(path))}");
Console.WriteLine($"registered {registry.Cache.Metrics.Misses} time, used more often: {registry.Cache.Metrics.Hits > 1}");

// Sends the file to the next one who connects: from the disk into the registered buffer, without a copy in the kernel.
void Serve()
{
    using Socket connection = listener.AcceptSocket();
    using SafeFileHandle file = File.OpenHandle(path);
    for (ulong offset = 0; ; )
    {
        // The lease lasts until the completion. A buffer that was unmapped and mapped again is registered again by the next one.
        using RegistrationLease<int> lease = registry.Get(AddressRange.FromLength(buffer, chunk));
        int read = ring.Read(file, offset, lease.Registration, buffer, chunk);
        if (read < 0)
            throw new IOException($"error {-read}");
        if (read == 0)
            return;
        Send(connection, read);
        offset += (uint)read;
    }
}

unsafe void Send(Socket connection, int count) // Blocking: all of it is sent.
{
    for (var left = new ReadOnlySpan<byte>((void*)buffer, count); left.Length > 0;)
        left = left[connection.Send(left)..];
}

static async Task<byte[]> Download(IPEndPoint server)
{
    using var connection = new TcpClient();
    await connection.ConnectAsync(server);
    var received = new MemoryStream();
    await connection.GetStream().CopyToAsync(received);
    return received.ToArray();
}

static partial class Memory
{
    [LibraryImport("libc", EntryPoint = "mmap")]
    public static partial ulong Map(ulong address, ulong length, int protection, int flags, int file, long offset);
}
