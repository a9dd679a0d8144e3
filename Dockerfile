# Chatelier in a container; docs/container.md says how to run it.
#
#     docker build -t chatelier .                                       CUDA, for NVIDIA cards
#     docker build -t chatelier --build-arg TORCH_INDEX=<address> .     CPU, or another kind
#
# <address> is the package index that PyTorch's “Get Started” page shows for the kind wanted. CUDA
# needs no other base image: torch brings its libraries, the host's container toolkit the driver.

ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ARG TORCH_INDEX=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/chatelier
ENV PATH=/opt/chatelier/bin:$PATH
WORKDIR /src
# What is needed comes first, so that a change of the bot alone does not install torch again.
COPY pyproject.toml constraints.txt ./
RUN if [ -n "$TORCH_INDEX" ]; then \
        pip install --no-deps --index-url "$TORCH_INDEX" "$(grep '^torch==' constraints.txt)"; \
    fi \
    && python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > needed.txt \
    && pip install -c constraints.txt -r needed.txt
COPY README.md LICENSE ./
COPY bot bot
RUN pip install --no-deps .

FROM python:${PYTHON}-slim
RUN useradd --uid 10001 --create-home --home-dir /home/chatelier chatelier \
    && install -d -o chatelier -g chatelier /srv/chatelier /srv/chatelier/data /srv/chatelier/models
COPY --from=build /opt/chatelier /opt/chatelier
# Nothing is written outside the data volume and /tmp, and nothing is fetched from a model hub.
ENV PATH=/opt/chatelier/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HF_HOME=/tmp/huggingface \
    HF_HUB_OFFLINE=1
USER 10001
# config.toml, data/ and models/ are looked for here.
WORKDIR /srv/chatelier
VOLUME /srv/chatelier/data
# No HEALTHCHECK: polling Telegram and Discord opens no port that could be asked, and a check that
# only sees that the process exists would claim more than it knows. A render process that hangs is
# replaced by the bot itself; a bot that ends is for the restart policy.
ENTRYPOINT ["chatelier"]
CMD ["run"]
