package io.sluice.service.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Sets up logging for the whole process. Lines go to the error output: standard output belongs to what a command answers. */
public final class Logging {
    private static final String TEXT = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{20} " + "%replace([%X{"
            + RequestId.LOG_KEY + "}] ){'\\[\\] ', ''}%msg%n";

    /** Libraries whose own information is noise to an operator. */
    private static final List<String> QUIET = List.of("io.netty", "io.vertx", "io.micrometer", "io.prometheus");

    private Logging() {}

    /** Replaces whatever is configured. Vert.x and Netty stay at warnings unless the level is trace. */
    public static void configure(LogSettings settings) {
        // Read by Vert.x when its first logger is made; without it Vert.x would log through java.util.logging.
        System.setProperty("vertx.logger-delegate-factory-class-name", "io.vertx.core.logging.SLF4JLogDelegateFactory");
        if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            throw new IllegalStateException("logging: " + LoggerFactory.getILoggerFactory() + " (expected: Logback)");
        }
        install(context, settings);
    }

    static void install(LoggerContext context, LogSettings settings) {
        context.reset();
        context.setMDCAdapter(new RequestIdContext());
        // Logback notes that the adapter was replaced, and would print that note with everything else it has to say.
        context.getStatusManager().clear();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level level = Level.toLevel(settings.level().name());
        root.setLevel(level);
        root.addAppender(appender(context, encoder(context, settings.format())));
        if (level.isGreaterOrEqual(Level.DEBUG)) {
            Level quiet = level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN;
            QUIET.forEach(name -> context.getLogger(name).setLevel(quiet));
        }
    }

    private static ConsoleAppender<ILoggingEvent> appender(LoggerContext context, Encoder<ILoggingEvent> encoder) {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName("process");
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }

    private static Encoder<ILoggingEvent> encoder(LoggerContext context, LogSettings.Format format) {
        EncoderBase<ILoggingEvent> encoder = switch (format) {
            case TEXT -> text();
            case JSON -> json();
        };
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }

    private static EncoderBase<ILoggingEvent> text() {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setPattern(TEXT);
        return encoder;
    }

    private static EncoderBase<ILoggingEvent> json() {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithContext(false);
        encoder.setWithArguments(false);
        encoder.setWithMessage(false);
        encoder.setWithFormattedMessage(true);
        return encoder;
    }
}
