package v1

import (
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

type GroupVersion string

func (v GroupVersion) String() string { return string(v) }

const (
	SchemeGroupVersion           = GroupVersion("v1")
	PodRunning                   = "Running"
	SeccompProfileTypeUnconfined = "Unconfined"
	ResourceCPU                  = "cpu"
	ResourceMemory               = "memory"
	ResourceEphemeralStorage     = "ephemeral-storage"
)

type (
	ResourceList         map[string]resource.Quantity
	ResourceRequirements struct{ Requests, Limits ResourceList }
	TolerationOperator   string
	TaintEffect          string
	Toleration           struct {
		Key, Value        string
		Operator          TolerationOperator
		Effect            TaintEffect
		TolerationSeconds *int64
	}

	Pod struct {
		metav1.ObjectMeta
		Spec   PodSpec
		Status struct{ Phase string }
	}
	PodList struct{ Items []Pod }
	PodSpec struct {
		ServiceAccountName, SchedulerName string
		Containers, InitContainers        []Container
		Volumes                           []Volume
		NodeSelector                      map[string]string
		Tolerations                       []Toleration
	}
	PodTemplateSpec struct {
		metav1.ObjectMeta
		Spec PodSpec
	}
	PodExecOptions struct {
		Container                  string
		Command                    []string
		Stdin, Stdout, Stderr, TTY bool
	}

	Container struct {
		Name, Image     string
		Args            []string
		SecurityContext *SecurityContext
		ReadinessProbe  *Probe
		Resources       ResourceRequirements
		VolumeMounts    []VolumeMount
	}
	SecurityContext struct {
		Privileged     *bool
		SeccompProfile *SeccompProfile
	}
	SeccompProfile struct{ Type string }
	Probe          struct{ ProbeHandler }
	ProbeHandler   struct{ Exec *ExecAction }
	ExecAction     struct{ Command []string }

	ConfigMap struct {
		metav1.TypeMeta
		metav1.ObjectMeta
		Data map[string]string
	}
	Volume struct {
		Name string
		VolumeSource
	}
	VolumeSource struct {
		ConfigMap *ConfigMapVolumeSource
		EmptyDir  *EmptyDirVolumeSource
	}
	VolumeMount           struct{ Name, MountPath string }
	ConfigMapVolumeSource struct{ LocalObjectReference }
	LocalObjectReference  struct{ Name string }
	EmptyDirVolumeSource  struct{}
)
