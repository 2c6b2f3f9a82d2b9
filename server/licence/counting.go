package licence

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// Counting is a metric in a file: its kind and its parameters. It implements
// document.Choice.
type Counting struct{ Metric }

// Kinds lists the kinds of metrics.
func (*Counting) Kinds() []string {
	var kinds []string
	for _, metric := range Metrics() {
		kinds = append(kinds, metric.Kind())
	}
	return kinds
}

// Form gives an empty metric of this kind, to be filled.
func (*Counting) Form(kind string) any {
	at := slices.IndexFunc(Metrics(), func(m Metric) bool { return m.Kind() == kind })
	return reflect.New(reflect.TypeOf(Metrics()[at])).Interface()
}

// Choose keeps the metric that was filled.
func (c *Counting) Choose(form any) {
	c.Metric, _ = reflect.ValueOf(form).Elem().Interface().(Metric)
}

// MarshalJSON writes the kind and the parameters.
func (c Counting) MarshalJSON() ([]byte, error) {
	if c.Metric == nil {
		return []byte("null"), nil
	}
	parameters, err := json.Marshal(c.Metric)
	if err != nil {
		return nil, err
	}
	kind, err := json.Marshal(c.Kind())
	if err != nil {
		return nil, err
	}
	text := append([]byte(`{"kind":`), kind...)
	if len(parameters) > len("{}") {
		text = append(text, ',')
	}
	return append(text, parameters[1:]...), nil
}

// UnmarshalJSON reads what MarshalJSON writes; null is no metric.
func (c *Counting) UnmarshalJSON(text []byte) error {
	var head struct {
		Kind string `json:"kind"`
	}
	if string(text) == "null" {
		return nil
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return fmt.Errorf("read metric: %w", err)
	}
	if !slices.Contains(c.Kinds(), head.Kind) {
		return fmt.Errorf("read metric: there is no kind %q", head.Kind)
	}
	form := c.Form(head.Kind)
	if err := json.Unmarshal(text, form); err != nil {
		return fmt.Errorf("read metric: %w", err)
	}
	c.Choose(form)
	return nil
}
