using System.Diagnostics;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>The scripts that complete command lines, run by their shells, and the manual pages, read by groff.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class CompletionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-completion").FullName;

    public static TheoryData<string, string> Lines => new()
    {
        { "mmun mi", "mirror" },
        { "mmun mirror --ver", "--verify" },
        { "mmun mirror --children fo", "follow" },
        { "mmun lab st", "stress" },
        { "mmun lab stress --dri", "--driver" },
        { "mmun completion fi", "fish" },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Lines))]
    public void Bash_completes(string line, string expected)
    {
        string[] words = line.Split(' ');
        string offered = Bash($"COMP_WORDS=({line}) COMP_CWORD={words.Length - 1}");
        Assert.Contains(expected, offered.Split('\n'));
        Assert.DoesNotContain("--json", offered, StringComparison.Ordinal);
    }

    [Fact]
    public void Bash_completes_the_program_after_two_dashes_and_offers_nothing_for_a_number()
    {
        Assert.Contains("sleep", Bash("COMP_WORDS=(mmun mirror -- slee) COMP_CWORD=3").Split('\n'));
        Assert.Equal("", Bash("COMP_WORDS=(mmun mirror --verify '') COMP_CWORD=3").Trim());
        Assert.Contains($"{Environment.ProcessId}", Bash("COMP_WORDS=(mmun mirror --pid '') COMP_CWORD=3").Split('\n'));
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public void Fish_completes(string line, string expected)
    {
        string offered = Shell("fish", $"source {Script("fish")}; complete -C '{line}'");
        Assert.Contains(offered.Split('\n'), each => each.Split('\t')[0] == expected);
        Assert.DoesNotContain("--json", offered, StringComparison.Ordinal);
    }

    /// <summary>What its functions say of a command: the one that shows the menu needs a terminal.</summary>
    [Fact]
    public void Zsh_loads_the_script_and_it_describes_every_option()
    {
        string said = Shell("zsh", $$"""
            compdef() { [[ $1 == _mmun ]] }
            source {{Script("zsh")}} || exit 1
            _arguments() { print -rl -- "$@" }
            _mmun_mirror; _mmun_lab_stress; _mmun_completion
            """);
        Assert.All(
            ["--verify[", "--children[", ":word:(follow release)", "--pid[", ":process:_pids", "--driver[", "1:word:("],
            each => Assert.Contains(each, said, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData]
    [InlineData("mirror")]
    [InlineData("core")]
    [InlineData("device")]
    [InlineData("lab", "explore")]
    public void A_manual_page_has_what_the_help_has_and_groff_finds_no_fault(params string[] command)
    {
        using Mmun man = Mmun.Run(["man", .. command]);
        using Mmun help = Mmun.Run([.. command, "--help"]);
        Assert.Equal(0, man.WaitForExit());
        Assert.Equal(0, help.WaitForExit());
        string page = Path.Combine(_folder, "page.1");
        File.WriteAllText(page, man.Output);
        string text = Shell("groff", "-man", "-Tutf8", "-ww", "-P-c", "-P-b", "-P-o", "-P-u", page);
        foreach (string option in help.Output.Split([' ', ',', ':', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .Where(word => word.StartsWith("--", StringComparison.Ordinal) && word.Length > 2 && char.IsLower(word[2])).Distinct())
            Assert.Contains(option, text, StringComparison.Ordinal);
        Assert.All(
            ["NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "EXIT STATUS"], each => Assert.Contains(each, text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("man", "nothing")]
    [InlineData("completion", "tcsh")]
    public void What_does_not_exist_is_one_line(params string[] arguments)
    {
        using Mmun mmun = Mmun.Run(arguments);
        Assert.Equal(2, mmun.WaitForExit());
        Assert.Single(mmun.Error.Trim().Split('\n'));
    }

    /// <summary>What bash offers with these words, each in a line.</summary>
    private string Bash(string words) => Shell("bash", $$"""
        source {{Script("bash")}}
        {{words}}
        _mmun
        printf '%s\n' "${COMPREPLY[@]}"
        """);

    private string Script(string shell)
    {
        using Mmun mmun = Mmun.Run("completion", shell);
        Assert.Equal(0, mmun.WaitForExit());
        string path = Path.Combine(_folder, $"mmun.{shell}");
        File.WriteAllText(path, mmun.Output);
        return path;
    }

    private static string Shell(string program, string script) => Shell(program, program == "zsh" ? ["-f", "-c", script] : ["-c", script]);

    private static string Shell(string program, params string[] arguments)
    {
        string path = $"/usr/bin/{program}";
        Assert.SkipUnless(File.Exists(path), $"there is no {path}");
        using Process process = Process.Start(
            new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(Patience.Limit));
        Assert.Equal("", errors.Result);
        return output;
    }
}
