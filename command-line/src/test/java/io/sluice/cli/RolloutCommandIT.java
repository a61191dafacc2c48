package io.sluice.cli;

import static io.sluice.cli.FakeEngine.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.service.problem.Problem;
import io.sluice.service.problem.ProblemError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class RolloutCommandIT {
    @TempDir
    private Path folder = Path.of("");

    private Path document = Path.of("");
    private final FakeEngine engine = start();
    private final CapturedConsole console = new CapturedConsole(false);

    @BeforeEach
    void writeDocument() throws IOException {
        document = Files.writeString(folder.resolve("webhooks.json"), "{\"a\": {\"module\": \"log\"}}");
    }

    @AfterEach
    void stop() throws Exception {
        engine.close();
    }

    @Test
    void printsALineForEachChangeAndEndsWithZero() {
        engine.thenEvents(
                event(1, "RUNNING", "webhook-1", "QUEUED", "webhook-2", "QUEUED"),
                event(2, "RUNNING", "webhook-1", "HOLD_ADDED"),
                event(3, "RUNNING", "webhook-1", "HOLD_ADDED"),
                event(4, "SUCCEEDED", "webhook-1", "DONE"));

        int code = rollout();

        assertThat(code).isZero();
        assertThat(console.out().lines().map(String::strip))
                .containsExactly(
                        "webhook-1      queued",
                        "webhook-2      queued",
                        "r-1 running: because",
                        "webhook-1      hold added",
                        "webhook-1      done",
                        "r-1 succeeded: because");
        assertThat(engine.submitted().path("type").asText()).isEqualTo("webhooks");
        assertThat(engine.submitted().path("config").path("a").path("module").asText())
                .isEqualTo("log");
    }

    @ParameterizedTest
    @CsvSource({"SUCCEEDED,0", "REJECTED,3", "PARTIAL,4", "ABORTED,5", "HALTED,5", "ROLLED_BACK,6", "NEEDS_ATTENTION,7"
    })
    void theExitCodeTellsHowItEnded(String phase, int code) {
        engine.thenEvents(event(1, phase));

        assertThat(rollout()).isEqualTo(code);
    }

    @Test
    void aBrokenStreamIsTakenUpWhereItBroke() {
        engine.thenEvents(event(7, "RUNNING", "webhook-1", "LATCHED")).thenEvents(event(9, "SUCCEEDED"));

        assertThat(rollout()).isZero();
        assertThat(engine.lastEventIds).containsExactly("", "7");
    }

    @Test
    void everyMistakeInTheConfigurationIsPrintedAndTheCodeIsThree() {
        List<ProblemError> mistakes = IntStream.range(0, 10)
                .mapToObj(i -> new ProblemError("/w" + i + "/module", "unknown module"))
                .toList();
        engine.refuse(Problem.of("invalid-config", 422, "The configuration is refused")
                .withErrors(mistakes));

        assertThat(rollout()).isEqualTo(3);
        assertThat(console.err().lines()).hasSize(11).anyMatch(l -> l.equals("  /w9/module: unknown module"));
        assertThat(console.err()).contains("nothing was touched");
    }

    @Test
    void aFileThatIsNotJsonNeverLeavesThisMachine() throws IOException {
        Files.writeString(document, "{\"invalid\": json}");

        assertThat(rollout()).isEqualTo(3);
        assertThat(console.err()).contains("not JSON", "line 1, column");
        assertThat(engine.submitted()).isEmpty();
    }

    @Test
    void wrongUsageIsTwo() {
        assertThat(console.run(
                        folder, "rollout", "webhooks", folder.resolve("none").toString(), "--url", engine.url()))
                .isEqualTo(2);
        assertThat(console.run(folder, "rollout", "hooks", document.toString())).isEqualTo(2);
        assertThat(console.run(folder, "rollout")).isEqualTo(2);
        assertThat(console.run(folder, "rollout", "webhooks", document.toString(), "--url", "nonsense"))
                .isEqualTo(2);
        assertThat(console.run(folder, "rollout", "webhooks", document.toString()))
                .isEqualTo(2);
    }

    @Test
    void aWrongTokenIsWrongUsage() {
        assertThat(console.run(
                        folder, "rollout", "webhooks", document.toString(), "--url", engine.url(), "--token", "x"))
                .isEqualTo(2);
        assertThat(console.err()).contains("Unauthorized").doesNotContain("hush");
    }

    @Test
    void anEngineThatDoesNotAnswerIsNine() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }

        assertThat(console.run(
                        folder,
                        "rollout",
                        "webhooks",
                        document.toString(),
                        "--url",
                        "http://127.0.0.1:" + free,
                        "--token",
                        "x"))
                .isEqualTo(9);
        assertThat(console.err()).contains("cannot be reached");
    }

    @Test
    void aTokenGivenTwiceIsAMistake() {
        assertThat(rollout("--token-file", document.toString())).isEqualTo(2);
        assertThat(console.err()).contains("--token and --token-file (expected: one of them)");
    }

    @Test
    void jsonPrintsOneObjectPerEvent() {
        engine.thenEvents(event(1, "RUNNING"), event(2, "SUCCEEDED"));

        assertThat(rollout("--json")).isZero();
        assertThat(console.out().lines()).hasSize(2).allMatch(l -> l.startsWith("{\"id\":\""));
    }

    @Test
    void detachPrintsTheIdAndFollowsNothing() {
        assertThat(rollout("--detach")).isZero();
        assertThat(console.out()).isEqualTo("r-1\n");
        assertThat(engine.lastEventIds).isEmpty();
    }

    @Test
    void aTerminalSeesOneLinePerInstanceDrawnAnew() {
        engine.thenEvents(event(1, "RUNNING", "webhook-1", "QUEUED"), event(2, "SUCCEEDED", "webhook-1", "DONE"));
        CapturedConsole terminal = new CapturedConsole(true);

        int code = terminal.run(
                folder, "rollout", "webhooks", document.toString(), "--url", engine.url(), "--token", FakeEngine.TOKEN);

        assertThat(code).isZero();
        assertThat(terminal.out()).contains("\u001b[2A", "webhook-1      done");
    }

    private int rollout(String... more) {
        List<String> args = new ArrayList<>(List.of(
                "rollout", "webhooks", document.toString(), "--url", engine.url(), "--token", FakeEngine.TOKEN));
        args.addAll(Arrays.asList(more));
        return console.run(folder, args.toArray(String[]::new));
    }

    private static FakeEngine start() {
        try {
            return new FakeEngine();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
