namespace SegmentEngine.Server.Dashboard.People;

/// <summary>What is asked of those who sign in.</summary>
public static class SignInRules
{
    /// <summary>Length is what helps; NIST SP 800-63B asks for no kinds of characters.</summary>
    public const int PasswordLengthMin = 10;

    public const int PasswordLengthMax = 200;
    public const int NameLengthMax = 100;
    public const int EmailLengthMax = 254;

    public static readonly TimeSpan InvitationOpenFor = TimeSpan.FromDays(7);
}
