namespace MmuNotifier.Benchmarks.Tests;

public class VerificationTests
{
    [Fact]
    public void Engine_and_baseline_agree_on_random_operations_and_the_baseline_defers_as_the_kernel_does() => Verification.Run();
}
