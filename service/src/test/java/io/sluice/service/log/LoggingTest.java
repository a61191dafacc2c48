package io.sluice.service.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.service.json.Json;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

class LoggingTest {
    private final PrintStream realErrors = System.err;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @BeforeEach
    void captureErrorOutput() {
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restoreErrorOutput() {
        System.setErr(realErrors);
        Logging.configure(LogSettings.DEFAULTS);
    }

    @Test
    void textLinesShowTheRequestIdOnlyWhenThereIsOne() {
        Logging.configure(new LogSettings(LogSettings.Format.TEXT, LogSettings.Level.INFO));

        LoggerFactory.getLogger("io.sluice.a").info("without");
        MDC.put(RequestId.LOG_KEY, "r-1");
        LoggerFactory.getLogger("io.sluice.a").info("with");
        MDC.clear();

        assertThat(lines()).hasSize(2);
        assertThat(lines()[0]).contains("INFO").endsWith("io.sluice.a without");
        assertThat(lines()[1]).endsWith("io.sluice.a [r-1] with");
    }

    @Test
    void jsonLinesCarryTheRequestIdOfTheVertxContext() throws Exception {
        Logging.configure(new LogSettings(LogSettings.Format.JSON, LogSettings.Level.INFO));
        Vertx vertx = Vertx.vertx();
        CompletableFuture<Void> logged = new CompletableFuture<>();
        vertx.getOrCreateContext().runOnContext(v -> {
            RequestId.remember("r-2");
            LoggerFactory.getLogger("io.sluice.a").warn("careful {}", 7, new IllegalStateException("stack"));
            RequestId.forget();
            logged.complete(null);
        });
        logged.get(10, TimeUnit.SECONDS);
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);

        JsonNode line = Json.mapper().readTree(lines()[0]);
        assertThat(line.path("level").asText()).isEqualTo("WARN");
        assertThat(line.path("formattedMessage").asText()).isEqualTo("careful 7");
        assertThat(line.path("mdc").path("requestId").asText()).isEqualTo("r-2");
        assertThat(line.path("throwable").path("message").asText()).isEqualTo("stack");
    }

    @Test
    void librariesAreQuietUnlessTheyWarn() {
        Logging.configure(new LogSettings(LogSettings.Format.TEXT, LogSettings.Level.DEBUG));

        LoggerFactory.getLogger("io.netty.something").info("noise");
        LoggerFactory.getLogger("io.vertx.something").warn("trouble");
        LoggerFactory.getLogger("io.sluice.something").debug("detail");

        assertThat(lines()).hasSize(2);
        assertThat(lines()[0]).endsWith("trouble");
        assertThat(lines()[1]).endsWith("detail");
    }

    private String[] lines() {
        return written.toString(StandardCharsets.UTF_8).split("\n");
    }
}
