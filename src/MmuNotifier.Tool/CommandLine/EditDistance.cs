namespace MmuNotifier.Tool.CommandLine;

/// <summary>How many mistakes of typing are between two words.</summary>
internal static class EditDistance
{
    /// <summary>
    /// The least number of letters to insert, to remove, to replace, or to swap with their neighbour (each pair once), that makes one word
    /// of the other.
    /// </summary>
    internal static int Between(string one, string other)
    {
        int[,] distances = new int[one.Length + 1, other.Length + 1];
        for (int i = 0; i <= one.Length; i++)
        {
            for (int j = 0; j <= other.Length; j++)
                distances[i, j] = i == 0 ? j : j == 0 ? i : Least(i, j);
        }

        return distances[one.Length, other.Length];

        int Least(int i, int j)
        {
            int replaced = distances[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
            int least = Math.Min(replaced, Math.Min(distances[i - 1, j], distances[i, j - 1]) + 1);
            bool isSwapped = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
            return isSwapped ? Math.Min(least, distances[i - 2, j - 2] + 1) : least;
        }
    }
}
