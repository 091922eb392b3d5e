using System.Globalization;

namespace MmuNotifier.Tests.Linearisability;

/// <summary>How long CsCheck draws. A failure prints the seed; CsCheck_Seed=... runs it again.</summary>
internal static class CheckTime
{
    /// <summary>As the stress: MMUN_STRESS_SECONDS=600 draws for ten minutes.</summary>
    public static int Seconds(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable("MMUN_STRESS_SECONDS"), CultureInfo.InvariantCulture, out int given)
            ? given
            : usual;
}
