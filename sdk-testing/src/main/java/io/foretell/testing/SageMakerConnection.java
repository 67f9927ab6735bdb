package io.foretell.testing;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Date;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** One connection: its requests in turn, each answered on the service's executor. Lives on its event loop. */
final class SageMakerConnection extends SimpleChannelInboundHandler<SageMakerRequest> {
    private final SageMakerService service;
    private final Clock clock;
    private final Queue<SageMakerRequest> waiting = new ArrayDeque<>();
    private boolean busy;

    SageMakerConnection(SageMakerService service, Clock clock) {
        this.service = service;
        this.clock = clock;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, SageMakerRequest request) {
        service.requests().increment();
        waiting.add(request);
        if (!busy) {
            next(context);
        }
    }

    private void next(ChannelHandlerContext context) {
        SageMakerRequest request = waiting.poll();
        busy = request != null;
        if (request != null) {
            service.executor().execute(() -> serve(context, request));
        }
    }

    private void serve(ChannelHandlerContext context, SageMakerRequest request) {
        try {
            service.admit(request);
        } catch (SageMakerError refusal) {
            answer(context, SageMakerAnswer.error(refusal));
            return;
        }
        Fault fault = service.faults().next();
        if (fault == null) {
            answer(context, service.invoke(request));
            return;
        }
        Runnable played = () -> answer(context, service.play(fault, request));
        Runnable resumed = () -> service.executor().execute(played);
        onLoop(context, () -> context.executor().schedule(resumed, fault.delay().toNanos(), TimeUnit.NANOSECONDS));
    }

    private void answer(ChannelHandlerContext context, SageMakerAnswer answer) {
        onLoop(context, () -> {
            if (context.channel().isActive()) {
                context.writeAndFlush(response(answer));
                next(context);
            }
        });
    }

    private static void onLoop(ChannelHandlerContext context, Runnable task) {
        try {
            context.executor().execute(task);
        } catch (RejectedExecutionException e) {
            // The sandbox was closed meanwhile, and with it the connection.
        }
    }

    private FullHttpResponse response(SageMakerAnswer answer) {
        FullHttpResponse response = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                Unpooled.wrappedBuffer(answer.body().content()));
        // By this a client tells a wrong clock from a wrong key.
        response.headers().set(HttpHeaderNames.DATE, DateFormatter.format(Date.from(clock.instant())));
        response.headers().set("x-amzn-RequestId", UUID.randomUUID().toString());
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.body().mediaType());
        answer.headers().forEach(response.headers()::set);
        HttpUtil.setContentLength(response, response.content().readableBytes());
        return response;
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        service.disconnected(busy);
        context.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A reset, or a handshake that the client gave up: nobody is left to be told.
        context.close();
    }
}
