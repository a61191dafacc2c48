package io.sluice.service.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LifecycleTest {
    private final Vertx vertx = Vertx.vertx();
    private final List<String> log = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void closeVertx() throws Exception {
        get(vertx.close());
    }

    @Test
    void startsInOrderAndStopsInReverse() throws Exception {
        Lifecycle lifecycle = lifecycle(new Recorder("a"), new Recorder("b"), new Recorder("c"));

        get(lifecycle.start());
        get(lifecycle.stop());

        assertThat(log).containsExactly("start a", "start b", "start c", "stop c", "stop b", "stop a");
    }

    @Test
    void whatStartsLaterDoesNotBelongToWhatStartedBefore() throws Exception {
        Promise<Void> ready = Promise.promise();
        Recorder deploying = new Recorder("a") {
            @Override
            public Future<Void> start() {
                vertx.deployVerticle(new VerticleBase() {
                    @Override
                    public Future<?> start() {
                        context.runOnContext(later -> ready.complete());
                        return Future.succeededFuture();
                    }
                });
                return ready.future();
            }
        };
        Recorder next = new Recorder("b") {
            @Override
            public Future<Void> start() {
                log.add("within " + Vertx.currentContext().deploymentID());
                return Future.succeededFuture();
            }
        };
        get(lifecycle(deploying, next).start());

        assertThat(log).containsExactly("within null");
    }

    @Test
    void aFailedStartStopsWhatHadStartedInReverse() {
        IllegalStateException failure = new IllegalStateException("no");
        Recorder failing = new Recorder("c") {
            @Override
            public Future<Void> start() {
                return Future.failedFuture(failure);
            }
        };
        Lifecycle lifecycle = lifecycle(new Recorder("a"), new Recorder("b"), failing, new Recorder("d"));

        assertThatThrownBy(() -> get(lifecycle.start())).hasCause(failure);
        assertThat(log).containsExactly("start a", "start b", "stop b", "stop a");
    }

    @Test
    void aStartThatThrowsIsAFailedStart() {
        Recorder throwing = new Recorder("b") {
            @Override
            public Future<Void> start() {
                throw new IllegalStateException("no");
            }
        };

        assertThatThrownBy(() -> get(lifecycle(new Recorder("a"), throwing).start()))
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(log).containsExactly("start a", "stop a");
    }

    @Test
    void componentsThatHangOrFailDoNotKeepTheOthersFromStopping() throws Exception {
        Recorder hanging = new Recorder("b") {
            @Override
            public Future<Void> stop() {
                return Promise.<Void>promise().future();
            }
        };
        Recorder failing = new Recorder("c") {
            @Override
            public Future<Void> stop() {
                throw new IllegalStateException("no");
            }
        };
        Lifecycle lifecycle =
                new Lifecycle(vertx, "all", Duration.ofMillis(20), List.of(new Recorder("a"), hanging, failing));

        get(lifecycle.start());
        get(lifecycle.stop());

        assertThat(log).endsWith("stop a");
    }

    @Test
    void stoppingTwiceStopsOnce() throws Exception {
        Lifecycle lifecycle = lifecycle(new Recorder("a"));
        get(lifecycle.start());

        get(Future.all(lifecycle.stop(), lifecycle.stop()));

        assertThat(log).containsExactly("start a", "stop a");
    }

    @Test
    void aStopDuringTheStartEndsIt() throws Exception {
        Promise<Void> begun = Promise.promise();
        Promise<Void> slow = Promise.promise();
        Recorder slowly = new Recorder("b") {
            @Override
            public Future<Void> start() {
                begun.complete();
                return slow.future();
            }
        };
        Lifecycle lifecycle = lifecycle(new Recorder("a"), slowly, new Recorder("c"));
        Future<Void> starting = lifecycle.start();
        get(begun.future());

        Future<Void> stopping = lifecycle.stop();
        slow.complete();

        assertThatThrownBy(() -> get(starting)).hasCauseInstanceOf(StartException.class);
        get(stopping);
        assertThat(log).contains("stop a", "stop b").doesNotContain("start c");
    }

    private Lifecycle lifecycle(Component... components) {
        return new Lifecycle(vertx, "all", Duration.ofSeconds(10), List.of(components));
    }

    private static void get(Future<?> future)
            throws ExecutionException, InterruptedException, java.util.concurrent.TimeoutException {
        future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private class Recorder implements Component {
        private final String name;

        Recorder(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Future<Void> start() {
            log.add("start " + name);
            return Future.succeededFuture();
        }

        @Override
        public Future<Void> stop() {
            log.add("stop " + name);
            return Future.succeededFuture();
        }
    }
}
