using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// A step of the build, compiled by MSBuild (ApplyDefects.targets): writes each source that has seeded defects with their lines put in.
/// docs/exploration.md describes the overlays. They are matched with the source as it is, so their order does not matter.
/// </summary>
public sealed class ApplyDefects : Task
{
    private const int MaxLineLength = 140;

    [Required]
    public ITaskItem[] Overlays { get; set; }

    /// <summary>What the names of sources in overlays begin in.</summary>
    [Required]
    public string SourceFolder { get; set; }

    /// <summary>Gets the sources with defects, under the same names, and nothing but these.</summary>
    [Required]
    public string OutputFolder { get; set; }

    public override bool Execute()
    {
        List<Hunk> hunks = Overlays.SelectMany(overlay => Read(overlay.GetMetadata("FullPath"))).ToList();
        if (Directory.Exists(OutputFolder))
            Directory.Delete(OutputFolder, recursive: true);
        foreach (IGrouping<string, Hunk> ofSource in hunks.GroupBy(hunk => hunk.Source))
            Apply(ofSource.Key, ofSource);
        return !Log.HasLoggedErrors;
    }

    private List<Hunk> Read(string overlay)
    {
        var hunks = new List<Hunk>();
        string source = null;
        Hunk current = null;
        int number = 0;
        foreach (string line in File.ReadAllLines(overlay))
        {
            number++;
            if (line.Length > MaxLineLength + 1)
                Fail(overlay, number, "longer than 140 columns");
            if (line.StartsWith("--- ", StringComparison.Ordinal))
            {
                source = line.Substring(4);
                current = null;
            }
            else if (source == null)
            {
                if (line.Length > 0 && line[0] != '#')
                    Fail(overlay, number, "The first line names the source: --- PATH, from src.");
            }
            else if (line.StartsWith("@@", StringComparison.Ordinal))
            {
                current = null;
            }
            else if (line.Length == 0 || line[0] == ' ' || line[0] == '-' || line[0] == '+')
            {
                if (current == null)
                    hunks.Add(current = new Hunk { Overlay = overlay, Line = number, Source = source });
                current.Lines.Add(line.Length == 0 ? " " : line);
            }
            else
            {
                Fail(overlay, number, "A line begins with a blank (stays), - (goes), + (comes), @@ (next place) or --- (next source).");
            }
        }

        if (hunks.Count == 0)
            Fail(overlay, number, "names no lines");
        return hunks;
    }

    private void Apply(string name, IEnumerable<Hunk> hunks)
    {
        string path = Path.GetFullPath(Path.Combine(SourceFolder, name));
        if (!File.Exists(path))
        {
            foreach (Hunk hunk in hunks)
                Fail(hunk.Overlay, hunk.Line, "There is no source " + path + ".");
            return;
        }

        string[] lines = File.ReadAllLines(path);
        List<Edit> edits = hunks
            .SelectMany(hunk => Locate(hunk, lines, name))
            .OrderBy(edit => edit.First)
            .ThenBy(edit => edit.End)
            .ToList();
        for (int i = 1; i < edits.Count; i++)
        {
            Edit before = edits[i - 1];
            bool areBothInsertions = before.First == before.End && edits[i].First == edits[i].End && before.First == edits[i].First;
            if (edits[i].First < before.End || areBothInsertions)
                Fail(
                    edits[i].Hunk.Overlay,
                    edits[i].Hunk.Line,
                    string.Format(
                        "{0}({1}) is changed by {2} as well: defects in the same lines share an overlay.",
                        name,
                        edits[i].First + 1,
                        Path.GetFileName(before.Hunk.Overlay)));
        }

        if (Log.HasLoggedErrors)
            return;
        string output = Path.Combine(OutputFolder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(output));
        File.WriteAllText(output, Merge(path, lines, edits));
    }

    private IEnumerable<Edit> Locate(Hunk hunk, string[] lines, string name)
    {
        List<string> anchor = hunk.Lines.Where(line => line[0] != '+').Select(line => line.Substring(1)).ToList();
        List<int> places = Enumerable.Range(0, Math.Max(lines.Length - anchor.Count + 1, 0))
            .Where(place => anchor.Count > 0 && Enumerable.Range(0, anchor.Count).All(i => lines[place + i] == anchor[i]))
            .ToList();
        if (places.Count != 1)
        {
            Fail(
                hunk.Overlay,
                hunk.Line,
                places.Count == 0
                    ? "These lines are not in " + name + "; they must be there once, exactly."
                    : string.Format(
                        "These lines are in {0} more than once, at {1}; add lines that stay, until they are there once.",
                        name,
                        string.Join(" and ", places.Select(place => place + 1))));
            return Enumerable.Empty<Edit>();
        }

        var edits = new List<Edit>();
        int at = places[0];
        Edit current = null;
        foreach (string line in hunk.Lines)
        {
            if (line[0] == ' ')
            {
                current = null;
                at++;
                continue;
            }

            if (current == null)
                edits.Add(current = new Edit { Hunk = hunk, First = at, End = at });
            if (line[0] == '-')
                current.End = ++at;
            else
                current.Added.Add(line.Substring(1));
        }

        if (edits.Count == 0)
            Fail(hunk.Overlay, hunk.Line, "changes nothing");
        return edits;
    }

    /// <summary>
    /// With #line, so that errors and stack traces are at the lines of the source. What is put in counts as the line in whose place it is.
    /// </summary>
    private static string Merge(string path, string[] lines, List<Edit> edits)
    {
        var text = new StringBuilder("#line 1 \"" + path + "\"\n");
        int at = 0;
        foreach (Edit edit in edits)
        {
            for (; at < edit.First; at++)
                text.Append(lines[at]).Append('\n');
            int removed = edit.End - edit.First;
            for (int i = 0; i < edit.Added.Count; i++)
            {
                if (i >= removed)
                    text.Append("#line ").Append(edit.First + Math.Max(removed, 1)).Append('\n');
                text.Append(edit.Added[i]).Append('\n');
            }

            at = edit.End;
            if (removed != edit.Added.Count)
                text.Append("#line ").Append(at + 1).Append('\n');
        }

        for (; at < lines.Length; at++)
            text.Append(lines[at]).Append('\n');
        return text.ToString();
    }

    private void Fail(string overlay, int line, string message) =>
        Log.LogError(null, "MMUNDEFECT", null, overlay, line, 0, 0, 0, "{0}", message);

    /// <summary>Lines of an overlay that are together in the source.</summary>
    private sealed class Hunk
    {
        public string Overlay;
        public int Line;
        public string Source;
        public List<string> Lines = new List<string>();
    }

    /// <summary>Lines of a source, by index, and what is put in their place.</summary>
    private sealed class Edit
    {
        public Hunk Hunk;
        public int First;
        public int End;
        public List<string> Added = new List<string>();
    }
}
