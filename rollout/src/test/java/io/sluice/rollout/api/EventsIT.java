package io.sluice.rollout.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigType;
import io.sluice.rollout.fake.Await;
import io.sluice.rollout.fake.FakeEngine;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.RolloutStatus.Stage;
import io.sluice.rollout.plan.Step;
import io.sluice.service.json.Json;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventsIT {
    private static final Pattern FRAME = Pattern.compile("id: (\\d+)\nevent: (\\w+)\ndata: (.*)\n\n");

    private final ApiFixture api = new ApiFixture();

    @BeforeEach
    void start() {
        api.start();
    }

    @AfterEach
    void stop() {
        api.stop();
    }

    @Test
    void aStreamBeginsWithTheWholeRolloutAndGoesOnWithWhatChanged() {
        String id = submit();
        Listener listener = listen("/v1/rollouts/" + id + "/events", "");
        Await.until("the snapshot", () -> listener.frames().size() == 1);
        move(id, Phase.RUNNING, Stage.WALKING, "webhook-2");
        Await.until("the change", () -> listener.frames().size() == 2);

        assertThat(listener.frames()).extracting(Frame::event).containsExactly("snapshot", "rollout");
        assertThat(listener.frames().get(1).id()).isEqualTo(api.engine.lastSequence());
        assertThat(listener.frames().get(1).data().path("phase").asText()).isEqualTo("RUNNING");
        assertThat(listener.frames().get(1).data().path("instances").findValuesAsText("id"))
                .containsExactly("webhook-2");
    }

    @Test
    void aStreamEndsWithTheRollout() {
        String id = submit();
        Listener listener = listen("/v1/rollouts/" + id + "/events", "");
        Await.until("the snapshot", () -> listener.frames().size() == 1);
        move(id, Phase.SUCCEEDED, Stage.OVER);

        Await.until("the end", listener::ended);
        assertThat(listener.frames()).hasSize(2);
    }

    @Test
    void whoHasSeenTheEndIsToldThatNothingFollows() {
        String id = submit();
        move(id, Phase.SUCCEEDED, Stage.OVER);

        Listener first = listen("/v1/rollouts/" + id + "/events", "");
        Await.until("the end", first::ended);
        assertThat(first.frames()).extracting(Frame::event).containsExactly("snapshot");

        Listener again = listen(
                "/v1/rollouts/" + id + "/events",
                Long.toString(first.frames().get(0).id()));
        Await.until("the end", again::ended);
        assertThat(again.status).isEqualTo(204);
    }

    @Test
    void whoComesBackGetsWhatWasMissedAndNothingTwice() {
        String id = submit();
        long seen = api.engine.lastSequence();
        move(id, Phase.VALIDATING, Stage.EXAMINING);
        move(id, Phase.RUNNING, Stage.WALKING);

        Listener listener = listen("/v1/rollouts/" + id + "/events", Long.toString(seen));
        Await.until("both changes", () -> listener.frames().size() == 2);

        assertThat(listener.frames()).extracting(Frame::id).containsExactly(seen + 1, seen + 2);
    }

    @Test
    void aStreamIsSilentAboutOtherRollouts() {
        String first = submit();
        move(first, Phase.ABORTED, Stage.OVER);
        String second = submit();
        Listener listener = listen("/v1/rollouts/" + second + "/events", "");
        Await.until("the snapshot", () -> listener.frames().size() == 1);
        Rollout other = api.engine.find(first).orElseThrow();
        api.engine.put(other);
        move(second, Phase.RUNNING, Stage.WALKING);
        Await.until("the change", () -> listener.frames().size() == 2);

        assertThat(listener.frames())
                .allSatisfy(
                        frame -> assertThat(frame.data().path("id").asText()).isEqualTo(second));
    }

    @Test
    void theStreamOfAllBeginsWithThoseThatRun() {
        String over = submit();
        move(over, Phase.ABORTED, Stage.OVER);
        String running = submit();

        Listener listener = listen("/v1/events", "");
        Await.until("the snapshot", () -> listener.frames().size() == 1);
        move(running, Phase.RUNNING, Stage.WALKING);
        Await.until("the change", () -> listener.frames().size() == 2);

        assertThat(listener.frames())
                .allSatisfy(
                        frame -> assertThat(frame.data().path("id").asText()).isEqualTo(running));
    }

    @Test
    void anUnknownRolloutHasNoStream() {
        Listener listener = listen("/v1/rollouts/r-9/events", "");
        Await.until("the answer", listener::ended);

        assertThat(listener.status).isEqualTo(404);
    }

    private String submit() {
        return Await.value(api.engine.submit(
                        RolloutRequest.of(
                                "webhooks", ConfigType.WEBHOOKS, Json.mapper().createObjectNode()),
                        null))
                .rollout()
                .id();
    }

    private void move(String id, Phase phase, Stage stage, String... changed) {
        Rollout rollout = api.engine.find(id).orElseThrow();
        List<InstanceStep> steps = List.of(
                InstanceStep.queued("webhook-1", null),
                InstanceStep.queued("webhook-2", null).toward(Step.PRECHECK, FakeEngine.NOW));
        api.engine.put(
                rollout.with(rollout.status().to(phase, stage, "moved", FakeEngine.NOW))
                        .withSteps(steps),
                changed);
    }

    private Listener listen(String path, String lastEventId) {
        Listener listener = new Listener();
        api.http().request(HttpMethod.GET, api.port(), "127.0.0.1", path).compose(request -> {
            request.putHeader("Authorization", "Bearer " + ApiFixture.TOKEN);
            if (!lastEventId.isEmpty()) {
                request.putHeader("Last-Event-ID", lastEventId);
            }
            // On the connection's own thread, so that nothing can arrive before somebody listens.
            return request.send().onSuccess(listener::follow);
        });
        return listener;
    }

    private record Frame(long id, String event, JsonNode data) {}

    private static final class Listener {
        private final List<String> chunks = new CopyOnWriteArrayList<>();
        private final AtomicBoolean ended = new AtomicBoolean();
        private volatile int status;

        void follow(HttpClientResponse response) {
            status = response.statusCode();
            response.handler(chunk -> chunks.add(chunk.toString()));
            response.endHandler(end -> ended.set(true));
        }

        boolean ended() {
            return ended.get();
        }

        List<Frame> frames() {
            List<Frame> frames = new ArrayList<>();
            Matcher matcher = FRAME.matcher(String.join("", chunks));
            while (matcher.find()) {
                try {
                    frames.add(new Frame(
                            Long.parseLong(matcher.group(1)),
                            matcher.group(2),
                            Json.mapper().readTree(matcher.group(3))));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            return frames;
        }
    }
}
