namespace MmuNotifier.Tool.Reports;

/// <summary>What a user has asked <c>mmun report</c> for.</summary>
/// <param name="File">The recording.</param>
/// <param name="IsJson">Whether the tables are written as JSON.</param>
/// <param name="Html">Where the page is written; null for none.</param>
/// <param name="Trace">Where the trace is written; null for none.</param>
internal sealed record ReportRequest(string File, bool IsJson, string? Html, string? Trace);
