using Microsoft.Playwright;

namespace MmuNotifier.Tool.Tests.Reports;

/// <summary>The machine's Chromium, without a network; without it the test is skipped.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-page").FullName;

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    /// <summary>What went wrong in its pages: errors of scripts, what the page's policy has refused, dialogs, requests.</summary>
    internal List<string> Problems { get; } = [];

    internal static async Task<Browser> StartAsync()
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .SelectMany(folder => s_names.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"there is no {string.Join(", ", s_names)} in PATH");
        IPlaywright playwright = await Playwright.CreateAsync();
        IBrowser browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = path, Args = ["--no-sandbox", "--disable-gpu"], Timeout = 120_000 });
        return new Browser(playwright, browser);
    }

    /// <summary>Opens a page from a file and waits until it is drawn.</summary>
    internal async Task<IPage> OpenAsync(string html, int width = 1440, int height = 860)
    {
        string file = Path.Combine(_folder, "page.html");
        await File.WriteAllTextAsync(file, html);
        IPage page = await _browser.NewPageAsync(new BrowserNewPageOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = ColorScheme.Light,
        });
        page.SetDefaultTimeout(120_000);
        page.Console += (_, message) => Note(message.Type is "error" or "warning", message.Text);
        page.PageError += (_, problem) => Note(true, problem);
        page.Dialog += (_, dialog) =>
        {
            Note(true, "dialog " + dialog.Message);
            _ = dialog.DismissAsync();
        };
        page.Request += (_, request) => Note(request.Url != "file://" + file, "request " + request.Url);
        await page.GotoAsync("file://" + file);
        await page.WaitForSelectorAsync("html[data-ready]");
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Note(bool isProblem, string text)
    {
        lock (Problems)
        {
            if (isProblem)
                Problems.Add(text);
        }
    }
}
