using TdmEdu.Modules.Attendance;

namespace TdmEdu.Central.Messages;

internal static class MessagesSetup
{
    public static void AddMessages(this IServiceCollection services)
    {
        services.AddHostedService<ParentMessenger>();
        services.AddSingleton(s => new MessageSending(s.GetServices<IMessageChannel>().Any()));
    }

    /// <summary>Without settings nothing is sent, and the page says so.</summary>
    public static void AddEmail(this IServiceCollection services, SmtpSettings? settings)
    {
        if (settings is not null)
        {
            services.AddSingleton<IMessageChannel>(new EmailChannel(settings));
        }
    }
}
