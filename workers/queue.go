package workers

import (
	"context"
	"errors"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Queues lists the queues that workers have served, by name.
func (in *Inbox) Queues(ctx context.Context) ([]*rivertype.Queue, error) {
	list, err := in.client.QueueList(ctx, river.NewQueueListParams().First(1000))
	if err != nil {
		return nil, fmt.Errorf("list queues: %w", err)
	}
	return list.Queues, nil
}

// Pause has no worker take another job from a queue until Resume; running jobs end.
func (in *Inbox) Pause(ctx context.Context, queue string) error {
	return knownQueue(queue, in.client.QueuePause(ctx, queue, nil))
}

// Resume undoes Pause.
func (in *Inbox) Resume(ctx context.Context, queue string) error {
	return knownQueue(queue, in.client.QueueResume(ctx, queue, nil))
}

func knownQueue(queue string, err error) error {
	if errors.Is(err, rivertype.ErrNotFound) {
		return fmt.Errorf("no worker has served a queue %q yet: `lydhor queues` lists those there are", queue)
	}
	return err
}
