package io.sluice.service.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.service.settings.SettingsDocument;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs real processes, as only they have signals and exit codes. */
@Timeout(60)
class ProcessRunnerIT {
    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSignalStopsTheComponentAndTheExitCodeIsZero(String signal) throws Exception {
        Started process = start("good");
        assertThat(process.output.readLine()).isEqualTo("ready");

        kill(process.process, signal);

        assertThat(process.process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.output.lines()).contains("stopped");
        assertThat(process.process.exitValue()).isZero();
    }

    @Test
    void aStopThatTakesTooLongEndsWithOne() throws Exception {
        Started process = start("hangs");
        assertThat(process.output.readLine()).isEqualTo("ready");

        kill(process.process, "TERM");

        assertThat(process.process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.process.exitValue()).isEqualTo(1);
    }

    @Test
    void invalidSettingsEndWithTwoAndTheTable() throws Exception {
        Started process = start("settings");

        String output = process.output.lines().collect(Collectors.joining("\n"));
        assertThat(process.process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.process.exitValue()).isEqualTo(2);
        assertThat(output).contains("WHERE").contains("port").contains("0..65535");
    }

    @Test
    void anyOtherFailureToStartEndsWithOneAndItsMessage() throws Exception {
        Started process = start("taken");

        String output = process.output.lines().collect(Collectors.joining("\n"));
        assertThat(process.process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.process.exitValue()).isEqualTo(1);
        assertThat(output)
                .contains("cannot listen on 127.0.0.1:1: the port is taken by another process (setting: admin.port)")
                .doesNotContain("\tat ");
    }

    private static Started start(String kind) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        kind)
                .redirectErrorStream(true)
                .start();
        return new Started(
                process, new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
    }

    private static void kill(Process process, String signal) throws Exception {
        int sent = new ProcessBuilder(List.of("kill", "-" + signal, Long.toString(process.pid())))
                .start()
                .waitFor();
        assertThat(sent).isZero();
    }

    private record Started(Process process, BufferedReader output) {}

    /** The program that the child processes run. */
    static final class Child {
        private Child() {}

        public static void main(String[] args) {
            ProcessRunner runner =
                    new ProcessRunner(System.err, Duration.ofMillis(500), () -> System.out.println("ready"));
            System.exit(runner.run(component(args[0])));
        }

        private static Callable<Component> component(String kind) {
            return switch (kind) {
                case "settings" ->
                    () -> {
                        SettingsDocument document = SettingsDocument.parse("a.yaml", "port: 70000", Map.of(), "PREFIX");
                        document.root().integer("port", 0, 0, 65_535);
                        document.finish();
                        throw new AssertionError("finish throws");
                    };
                case "taken" ->
                    () -> component(
                            Future.failedFuture(ListenException.of(
                                    "admin.port",
                                    "127.0.0.1",
                                    1,
                                    new java.net.BindException("Address already in use"))),
                            Future.succeededFuture());
                case "hangs" ->
                    () -> component(
                            Future.succeededFuture(), Promise.<Void>promise().future());
                default ->
                    () -> new VertxComponent(
                            Vertx.vertx(), component(Future.succeededFuture(), Future.succeededFuture()));
            };
        }

        private static Component component(Future<Void> start, Future<Void> stop) {
            return new Component() {
                @Override
                public String name() {
                    return "child";
                }

                @Override
                public Future<Void> start() {
                    return start;
                }

                @Override
                public Future<Void> stop() {
                    System.out.println("stopped");
                    return stop;
                }
            };
        }
    }
}
