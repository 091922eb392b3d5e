using System.Diagnostics;
using System.Runtime.InteropServices;
using MmuNotifier.Tool.Device;

namespace MmuNotifier.Tool.Tests.Device;

/// <summary>The C and the C# half of the protocol are the same.</summary>
public class ProtocolTests
{
    private const string Program = """
        #include "protocol.h"
        #include <stddef.h>
        #include <stdio.h>
        #define OFFSET(field) printf("%s %zu\n", #field, offsetof(struct mmun_message, field))
        int main(void)
        {
            printf("size %zu\n", sizeof(struct mmun_message));
            OFFSET(kind); OFFSET(error); OFFSET(number); OFFSET(value); OFFSET(address); OFFSET(length);
            printf("HELLO %d\nOPEN %d\nIOCTL %d\nFORK %d\nADVISED %d\nRESULT %d\nADVISE %d\nREMAP %d\nFAILED %d\n",
                MMUN_HELLO, MMUN_OPEN, MMUN_IOCTL, MMUN_FORK, MMUN_ADVISED, MMUN_RESULT, MMUN_ADVISE, MMUN_REMAP, MMUN_FAILED);
            printf("no userfaultfd %d\nno conversation %d\n", MMUN_NO_USERFAULTFD, MMUN_NO_CONVERSATION);
            printf("variable %s\ndevices %d\n", MMUN_DEVICE_VARIABLE, MMUN_DEVICE_COUNT);
        }
        """;

    [Fact]
    public void Messages_agree()
    {
        Machine.Require("cc");
        string folder = Directory.CreateTempSubdirectory("mmun-protocol").FullName;
        string source = Path.Combine(folder, "protocol.c");
        string program = Path.Combine(folder, "protocol");
        File.WriteAllText(source, Program);
        using (Process compiler = Process.Start("cc", ["-I", Machine.PreloadFolder, "-o", program, source]))
        {
            Assert.True(compiler.WaitForExit(Patience.Limit));
            Assert.Equal(0, compiler.ExitCode);
        }

        using Process run = Process.Start(new ProcessStartInfo(program) { RedirectStandardOutput = true })!;
        string inC = run.StandardOutput.ReadToEnd();
        Assert.Equal(InCSharp(), inC.TrimEnd('\n').Split('\n'));
        Directory.Delete(folder, recursive: true);
    }

    private static string[] InCSharp() =>
    [
        $"size {Marshal.SizeOf<DeviceMessage>()}",
        $"kind {Marshal.OffsetOf<DeviceMessage>(nameof(DeviceMessage.Kind))}",
        $"error {Marshal.OffsetOf<DeviceMessage>(nameof(DeviceMessage.Error))}",
        $"number {Marshal.OffsetOf<DeviceMessage>(nameof(DeviceMessage.Number))}",
        $"value {Marshal.OffsetOf<DeviceMessage>(nameof(DeviceMessage.Value))}",
        $"address {Marshal.OffsetOf<DeviceMessage>(nameof(DeviceMessage.Address))}",
        $"length {Marshal.OffsetOf<DeviceMessage>(nameof(DeviceMessage.LengthBytes))}",
        $"HELLO {(int)DeviceMessageKind.Hello}",
        $"OPEN {(int)DeviceMessageKind.Open}",
        $"IOCTL {(int)DeviceMessageKind.Ioctl}",
        $"FORK {(int)DeviceMessageKind.Fork}",
        $"ADVISED {(int)DeviceMessageKind.Advised}",
        $"RESULT {(int)DeviceMessageKind.Result}",
        $"ADVISE {(int)DeviceMessageKind.Advise}",
        $"REMAP {(int)DeviceMessageKind.Remap}",
        $"FAILED {(int)DeviceMessageKind.Failed}",
        $"no userfaultfd {(int)DeviceFailure.NoUserfaultfd}",
        $"no conversation {(int)DeviceFailure.NoConversation}",
        $"variable {PreloadLibrary.SocketVariable}",
        $"devices {DeviceSet.Count}",
    ];
}
